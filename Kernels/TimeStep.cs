using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>dt = clamp(softplus(raw + bias), low, high).</summary>
public readonly ref struct TimeStepForward : ISimdKernel
{
    /// <summary>[rows, heads]</summary>
    public required ReadOnlySpan<float> Raw { get; init; }

    /// <summary>[copies of the heads]: a few rows of the bias, so that lanes stay full however few heads there are.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>Lower limit.</summary>
    public required float Low { get; init; }

    /// <summary>Upper limit.</summary>
    public required float High { get; init; }

    /// <summary>[rows, heads]</summary>
    public required Span<float> Dt { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Raw.Length == Dt.Length);
        for (int start = 0; start < Raw.Length; start += Bias.Length)
        {
            int length = Math.Min(Bias.Length, Raw.Length - start);
            ReadOnlySpan<float> raw = Raw.Slice(start, length);
            Span<float> dt = Dt.Slice(start, length);
            Rest<L>(raw, dt, Apply<L>(raw, Bias, dt, 0));
        }
    }

    private int Apply<L>(ReadOnlySpan<float> raw, ReadOnlySpan<float> bias, Span<float> dt, int i)
        where L : struct, ILanes<L>
    {
        L low = L.Splat(Low), high = L.Splat(High);
        for (; i <= raw.Length - L.Count; i += L.Count)
            L.Store(L.Max(low, L.Min(high, LaneMath.Softplus(L.Load(raw, i) + L.Load(bias, i)))), dt, i);
        return i;
    }

    /// <summary>What fills no register, in one that is filled up: when decoding, a token has fewer heads than a register has lanes.</summary>
    private void Rest<L>(ReadOnlySpan<float> raw, Span<float> dt, int i)
        where L : struct, ILanes<L>
    {
        int rest = raw.Length - i;
        if (rest == 0)
            return;
        Span<float> filled = stackalloc float[L.Count], bias = stackalloc float[L.Count];
        filled.Clear();
        bias.Clear();
        raw[i..].CopyTo(filled);
        Bias.Slice(i, rest).CopyTo(bias);
        Apply<L>(filled, bias, filled, 0);
        filled[..rest].CopyTo(dt[i..]);
    }
}

/// <summary>g = grad_dt * σ(raw + bias) where low &lt; dt &lt; high, else 0:  grad_raw += g,  grad_bias += Σ_rows g.</summary>
public readonly ref struct TimeStepBackward : ISimdKernel
{
    /// <summary>[rows, heads]</summary>
    public required ReadOnlySpan<float> GradDt { get; init; }

    /// <summary>[rows, heads]</summary>
    public required ReadOnlySpan<float> Raw { get; init; }

    /// <summary>[copies of the heads]</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[rows, heads], from the forward pass.</summary>
    public required ReadOnlySpan<float> Dt { get; init; }

    /// <summary>Lower limit.</summary>
    public required float Low { get; init; }

    /// <summary>Upper limit.</summary>
    public required float High { get; init; }

    /// <summary>[rows, heads], accumulated; empty when not wanted.</summary>
    public required Span<float> GradRaw { get; init; }

    /// <summary>[copies of the heads], accumulated, to be summed over the copies; empty when not wanted.</summary>
    public required Span<float> GradBias { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Raw.Length == GradDt.Length && Raw.Length == Dt.Length);
        for (int start = 0; start < Raw.Length; start += Bias.Length)
        {
            int end = Math.Min(start + Bias.Length, Raw.Length);
            Apply<Lanes1>(start, Apply<L>(start, 0, end - start), end - start);
        }
    }

    private int Apply<L>(int start, int i, int length)
        where L : struct, ILanes<L>
    {
        L low = L.Splat(Low), high = L.Splat(High);
        for (; i <= length - L.Count; i += L.Count)
        {
            L dt = L.Load(Dt, start + i);
            L g = L.Load(GradDt, start + i) * LaneMath.Sigmoid(L.Load(Raw, start + i) + L.Load(Bias, i));
            g = L.Select(L.LessThan(low, dt), g, L.Zero);
            g = L.Select(L.LessThan(dt, high), g, L.Zero);
            if (!GradRaw.IsEmpty)
                L.Store(L.Load(GradRaw, start + i) + g, GradRaw, start + i);
            if (!GradBias.IsEmpty)
                L.Store(L.Load(GradBias, i) + g, GradBias, i);
        }

        return i;
    }
}
