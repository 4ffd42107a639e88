using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>bfloat16: the upper half of a float, one at a time.</summary>
public static class BFloat16Bits
{
    internal const int Shift = 16;
    internal const uint HalfLessOne = 0x7FFF;   // with the lowest kept bit added, the carry rounds ties to even
    internal const uint QuietNaN = 0x0040;

    /// <summary>The float that the bits stand for, exactly.</summary>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << Shift);

    /// <summary>The nearest bfloat16, ties to even; infinity beyond the range. A NaN becomes quiet and keeps its upper bits.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> Shift) | QuietNaN)
            : (ushort)((bits + HalfLessOne + ((bits >> Shift) & 1)) >> Shift);
    }
}

/// <summary>y = x, from bfloat16: exact.</summary>
public readonly ref struct BFloat16Decode : ISimdKernel
{
    /// <summary>[n] bfloat16</summary>
    public required ReadOnlySpan<ushort> X { get; init; }

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
        ReadOnlySpan<ushort> x = X;
        Span<float> y = Y;
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.LoadBFloat16(x, i), y, i);
        return i;
    }
}

/// <summary>y = x, to the nearest bfloat16.</summary>
public readonly ref struct BFloat16Encode : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n] bfloat16</summary>
    public required Span<ushort> Y { get; init; }

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
        ReadOnlySpan<float> x = X;
        Span<ushort> y = Y;
        for (; i <= x.Length - L.Count; i += L.Count)
            L.StoreBFloat16(L.Load(x, i), y, i);
        return i;
    }
}
