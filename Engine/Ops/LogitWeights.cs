namespace SpikeEngine;

/// <summary>The terms of a loss on logits in distillation: w_kl ((1 - r) KL(p || q) + r KL(q || p)) + w_ce CE, p the teacher, q the student.</summary>
public sealed record LogitWeights
{
    /// <summary>w_kl</summary>
    public float KL { get; init; } = 1f;

    /// <summary>r, from 0 to 1.</summary>
    public float ReverseShare { get; init; }

    /// <summary>w_ce</summary>
    public float CrossEntropy { get; init; }

    /// <summary>Softmax temperature of the divergences, whose T² keeps the gradient's size (Hinton et al. 2015).</summary>
    public float Temperature { get; init; } = 1f;
}

/// <summary>A loss on logits and its terms.</summary>
/// <param name="Loss">[1]</param>
/// <param name="KL">The divergence, without its weight.</param>
/// <param name="CrossEntropy">The cross-entropy, without its weight; 0 when it has none.</param>
public readonly record struct LogitLoss(Tensor Loss, double KL, double CrossEntropy);
