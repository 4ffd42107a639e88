namespace SpikeEngine.Training.Distillation;

/// <summary>The terms of the one-stage distillation (SpikingMamba): KL on logits, hidden-state matching, optional cross-entropy.</summary>
public sealed record DistillationOptions
{
    /// <summary>Weight of the KL divergence between the logits of student and teacher.</summary>
    public float KLWeight { get; init; } = 1f;

    /// <summary>Share of the reverse divergence KL(student || teacher) in it: 0 is forward only, KL(teacher || student), 1 reverse only.</summary>
    public float ReverseShare { get; init; }

    /// <summary>Softmax temperature of the KL term.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Weight of the hidden-state loss, the mean over blocks.</summary>
    public float HiddenWeight { get; init; } = 1f;

    /// <summary>What the hidden-state loss compares.</summary>
    public HiddenOptions Hidden { get; init; } = new();

    /// <summary>Weight of the cross-entropy with the text itself.</summary>
    public float CrossEntropyWeight { get; init; }

    /// <summary>How many inputs of the projections shall spike.</summary>
    public ActivityOptions Activity { get; init; } = new();

    /// <summary>Lambda of the student's smoothed gradient compensation at the beginning.</summary>
    public float Compensation { get; init; }

    /// <summary>Share of the steps over which lambda falls to 0 in a straight line; null keeps it.</summary>
    public double? CompensationAnnealShare { get; init; }

    /// <summary>Lambda when a share of the steps is done.</summary>
    internal float CompensationAt(double done) =>
        Compensation * (float)(CompensationAnnealShare is { } share ? Math.Max(0, 1 - done / share) : 1);
}
