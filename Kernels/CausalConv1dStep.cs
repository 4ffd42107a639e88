using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// One token of the causal depthwise convolution with SiLU, for decoding: the window moves on by x, then
/// y[c] = silu(bias[c] + Σ_k weight[k, c] window[k, c]).
/// </summary>
public readonly ref struct CausalConv1dStep : ISimdKernel
{
    /// <summary>[C], before the convolution.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[K, C]: the weight transposed, so that lanes run over channels.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[C], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[K, C]: the last K inputs, oldest first; updated.</summary>
    public required Span<float> Window { get; init; }

    /// <summary>[C]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int channels = X.Length;
        Debug.Assert(Window.Length == Weight.Length && Window.Length % channels == 0, "the window does not fit the weight");
        Window[channels..].CopyTo(Window);
        X.CopyTo(Window[^channels..]);
        Channels<Lanes1>(Channels<L>(0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Channels<L>(int c)
        where L : struct, ILanes<L>
    {
        int channels = X.Length;
        for (; c <= channels - L.Count; c += L.Count)
        {
            L sum = Bias.IsEmpty ? L.Zero : L.Load(Bias, c);
            for (int at = c; at < Weight.Length; at += channels)
                sum = L.MulAdd(L.Load(Weight, at), L.Load(Window, at), sum);
            L.Store(default(Silu).Value(sum), Y, c);
        }

        return c;
    }
}
