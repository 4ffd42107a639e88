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

    /// <summary>Tokens of a position whose log-probabilities by the teacher are kept on disk, instead of running it with every batch; null runs it.</summary>
    public int? TeacherTopK { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names what cannot be together.</summary>
    public void Validate()
    {
        if (TeacherTopK is null)
            return;
        if (HiddenWeight != 0f)
            throw new ArgumentException("teacher_top_k keeps what the teacher says and not its hidden states: it goes with hidden_weight 0 only.");
        if (ReverseShare != 0f || Temperature != 1f)
            throw new ArgumentException("teacher_top_k keeps the most likely tokens only: it goes with reverse_kl_share 0 and temperature 1.");
    }

    /// <summary>The terms that logits have part in.</summary>
    internal LogitWeights Logits => new() { KL = KLWeight, ReverseShare = ReverseShare, CrossEntropy = CrossEntropyWeight, Temperature = Temperature };

    /// <summary>Lambda when a share of the steps is done.</summary>
    internal float CompensationAt(double done) =>
        Compensation * (float)(CompensationAnnealShare is { } share ? Math.Max(0, 1 - done / share) : 1);
}
