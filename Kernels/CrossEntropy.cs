using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// loss = log_z - (1 - s) * x[label] - s * mean(x), x measured from the row's largest logit, s the label smoothing;
/// 0 for an ignored row.
/// </summary>
public readonly ref struct CrossEntropyForward : ISimdKernel
{
    /// <summary>The label of a row that does not count.</summary>
    public const int Ignored = -100;

    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Logits { get; init; }

    /// <summary>[rows]</summary>
    public required ReadOnlySpan<int> Labels { get; init; }

    /// <summary>Share of the target that is spread over all classes.</summary>
    public required float Smoothing { get; init; }

    /// <summary>[rows]</summary>
    public required Span<float> Loss { get; init; }

    /// <summary>[rows], kept for the backward pass.</summary>
    public required Span<float> Largest { get; init; }

    /// <summary>[rows], kept for the backward pass.</summary>
    public required Span<float> LogZ { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int vocabulary = Logits.Length / Labels.Length;
        for (int row = 0; row < Labels.Length; row++)
        {
            int label = Labels[row];
            Loss[row] = 0f;
            if (label == Ignored)
                continue;

            ReadOnlySpan<float> logits = Logits.Slice(row * vocabulary, vocabulary);
            float largest = Largest[row] = Reduce.Max<L>(logits);
            float logZ = LogZ[row] = Softmax.LogZ<L>(logits, largest);
            Loss[row] = logZ - (1f - Smoothing) * (logits[label] - largest);
            if (Smoothing != 0f)
                Loss[row] -= Smoothing * (Reduce.Sum<L>(logits) / vocabulary - largest);
        }
    }
}

/// <summary>grad_logits += g * (softmax(x) - (1 - s) * onehot(label) - s / vocabulary), g the gradient of the row's loss.</summary>
public readonly ref struct CrossEntropyBackward : ISimdKernel
{
    /// <summary>[rows], g.</summary>
    public required ReadOnlySpan<float> GradLoss { get; init; }

    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Logits { get; init; }

    /// <summary>[rows]</summary>
    public required ReadOnlySpan<int> Labels { get; init; }

    /// <summary>Share of the target that is spread over all classes.</summary>
    public required float Smoothing { get; init; }

    /// <summary>[rows], from the forward pass.</summary>
    public required ReadOnlySpan<float> Largest { get; init; }

    /// <summary>[rows], from the forward pass.</summary>
    public required ReadOnlySpan<float> LogZ { get; init; }

    /// <summary>[rows, vocabulary], accumulated; or the logits' own memory when <see cref="Overwrites"/>.</summary>
    public required Span<float> GradLogits { get; init; }

    /// <summary>Whether the gradient replaces what is there, so that logits nobody needs again make room for it.</summary>
    public bool Overwrites { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(GradLogits.Length == Logits.Length && GradLoss.Length == Labels.Length);
        int vocabulary = Logits.Length / Labels.Length;
        for (int row = 0; row < Labels.Length; row++)
        {
            ReadOnlySpan<float> logits = Logits.Slice(row * vocabulary, vocabulary);
            Span<float> grad = GradLogits.Slice(row * vocabulary, vocabulary);
            if (Labels[row] == CrossEntropyForward.Ignored || GradLoss[row] == 0f)
            {
                if (Overwrites)
                    grad.Clear();
                continue;
            }

            AddSoftmax<Lanes1>(row, logits, grad, AddSoftmax<L>(row, logits, grad, 0));
            grad[Labels[row]] -= GradLoss[row] * (1f - Smoothing);
        }
    }

    private int AddSoftmax<L>(int row, ReadOnlySpan<float> logits, Span<float> grad, int i)
        where L : struct, ILanes<L>
    {
        L largest = L.Splat(Largest[row]), logZ = L.Splat(LogZ[row]), g = L.Splat(GradLoss[row]);
        L uniform = L.Splat(Smoothing / logits.Length);
        for (; i <= logits.Length - L.Count; i += L.Count)
        {
            L p = LaneMath.ExpOfNegative(L.Load(logits, i) - largest - logZ);
            L.Store(Overwrites ? g * (p - uniform) : L.MulAdd(g, p - uniform, L.Load(grad, i)), grad, i);
        }

        return i;
    }
}
