namespace SpikeEngine.Training.Distillation;

/// <summary>The terms of the one-stage distillation (SpikingMamba): KL on logits, hidden-state matching, optional cross-entropy.</summary>
public sealed record DistillationOptions
{
    /// <summary>Weight of the forward KL divergence of the student's logits from the teacher's.</summary>
    public float KLWeight { get; init; } = 1f;

    /// <summary>Softmax temperature of the KL term.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Weight of the hidden-state loss, summed over blocks and divided by their number.</summary>
    public float HiddenWeight { get; init; } = 1f;

    /// <summary>Weight of the cross-entropy with the text itself.</summary>
    public float CrossEntropyWeight { get; init; }
}
