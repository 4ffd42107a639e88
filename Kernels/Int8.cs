using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// With scale = max|x| / 127:  y = round_half_even(x / scale), whole numbers from -127 to 127. The largest magnitude is met
/// exactly; a row of zeros has scale 0 and stays zeros.
/// </summary>
public readonly ref struct Int8Encode : ISimdKernel
{
    /// <summary>The largest code; -128 is not used, so that codes are symmetric.</summary>
    public const float Largest = 127f;

    /// <summary>[n], finite.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]</summary>
    public required Span<sbyte> Y { get; init; }

    /// <summary>[1], written.</summary>
    public required Span<float> Scale { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length);
        float scale = MaxAbs<L>(X) / Largest;
        if (float.IsInfinity(scale * Largest))
            scale = MathF.BitDecrement(scale);   // of the very largest floats: a scale rounded up would decode to infinity
        Scale[0] = scale;
        if (scale == 0f)
            Y.Clear();
        else
            Apply<Lanes1>(scale, Apply<L>(scale, 0));
    }

    private static float MaxAbs<L>(ReadOnlySpan<float> x)
        where L : struct, ILanes<L>
    {
        L lanes = L.Zero;
        int i = 0;
        for (; i <= x.Length - L.Count; i += L.Count)
            lanes = L.Max(lanes, L.Abs(L.Load(x, i)));
        float max = L.MaxOf(lanes);
        for (; i < x.Length; i++)
            max = MathF.Max(max, MathF.Abs(x[i]));
        return max;
    }

    private int Apply<L>(float scale, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X;
        Span<sbyte> y = Y;
        // The scale of a row of subnormal numbers has few bits: without limits its quotients would pass 127.
        L divisor = L.Splat(scale), most = L.Splat(Largest), least = L.Splat(-Largest);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.StoreInt8(L.Max(L.Min(L.Round(L.Load(x, i) / divisor), most), least), y, i);
        return i;
    }
}

/// <summary>y = x * scale, from signed bytes.</summary>
public readonly ref struct Int8Decode : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<sbyte> X { get; init; }

    /// <summary>The factor.</summary>
    public required float Scale { get; init; }

    /// <summary>[n]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length);
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<sbyte> x = X;
        Span<float> y = Y;
        L scale = L.Splat(Scale);
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.LoadInt8(x, i) * scale, y, i);
        return i;
    }
}
