using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>A register made of two: narrow processors count to sixteen for <see cref="Simd.Exact"/>.</summary>
internal readonly struct Pair<L> : ILanes<Pair<L>>
    where L : struct, ILanes<L>
{
    private readonly L _low;
    private readonly L _high;

    private Pair(L low, L high) => (_low, _high) = (low, high);

    public static int Count => 2 * L.Count;

    public static Pair<L> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(L.Zero, L.Zero);
    }

    public static Pair<L> One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(L.One, L.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Splat(float value)
    {
        L both = L.Splat(value);
        return new(both, both);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Load(ReadOnlySpan<float> source, int index) => new(L.Load(source, index), L.Load(source, index + L.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pair<L> value, Span<float> destination, int index)
    {
        L.Store(value._low, destination, index);
        L.Store(value._high, destination, index + L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> MulAdd(Pair<L> a, Pair<L> b, Pair<L> c) => new(L.MulAdd(a._low, b._low, c._low), L.MulAdd(a._high, b._high, c._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Min(Pair<L> a, Pair<L> b) => new(L.Min(a._low, b._low), L.Min(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Max(Pair<L> a, Pair<L> b) => new(L.Max(a._low, b._low), L.Max(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Abs(Pair<L> x) => new(L.Abs(x._low), L.Abs(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Sqrt(Pair<L> x) => new(L.Sqrt(x._low), L.Sqrt(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Round(Pair<L> x) => new(L.Round(x._low), L.Round(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Pow2(Pair<L> n) => new(L.Pow2(n._low), L.Pow2(n._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> TimesPow2(Pair<L> x, Pair<L> n) => new(L.TimesPow2(x._low, n._low), L.TimesPow2(x._high, n._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Exponent(Pair<L> x) => new(L.Exponent(x._low), L.Exponent(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Mantissa(Pair<L> x) => new(L.Mantissa(x._low), L.Mantissa(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> LessThan(Pair<L> a, Pair<L> b) => new(L.LessThan(a._low, b._low), L.LessThan(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Equal(Pair<L> a, Pair<L> b) => new(L.Equal(a._low, b._low), L.Equal(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Pair<L> mask) => L.Bits(mask._low) | (L.Bits(mask._high) << L.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> MaskOf(uint bits) => new(L.MaskOf(bits), L.MaskOf(bits >> L.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> Select(Pair<L> mask, Pair<L> a, Pair<L> b) => new(L.Select(mask._low, a._low, b._low), L.Select(mask._high, a._high, b._high));

    public static float Sum(Pair<L> x) => LaneTree.Sum(x);

    public static float MaxOf(Pair<L> x) => LaneTree.MaxOf(x);

    public static bool IsComposed => true;

    [MethodImpl(MethodImplOptions.NoInlining)]   // the compiler stops inlining at 512 locals, and e^x over one part has half of them
    public static Pair<L> Apply<TOp>(Pair<L> x)
        where TOp : struct, IUnaryOp => new(default(TOp).Value(x._low), default(TOp).Value(x._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> operator +(Pair<L> a, Pair<L> b) => new(a._low + b._low, a._high + b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> operator -(Pair<L> a, Pair<L> b) => new(a._low - b._low, a._high - b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> operator *(Pair<L> a, Pair<L> b) => new(a._low * b._low, a._high * b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> operator /(Pair<L> a, Pair<L> b) => new(a._low / b._low, a._high / b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<L> operator -(Pair<L> x) => new(-x._low, -x._high);
}
