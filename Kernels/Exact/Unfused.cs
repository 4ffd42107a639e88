using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// A register for <see cref="Simd.Exact"/>: another one with every operation rounded by itself. Its lanes meet only when
/// they are sixteen.
/// </summary>
internal readonly struct Unfused<L> : ILanes<Unfused<L>>
    where L : struct, ILanes<L>
{
    private readonly L _v;

    private Unfused(L v) => _v = v;

    public static int Count => L.Count;

    public static Unfused<L> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(L.Zero);
    }

    public static Unfused<L> One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(L.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Splat(float value) => new(L.Splat(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Load(ReadOnlySpan<float> source, int index) => new(L.Load(source, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Unfused<L> value, Span<float> destination, int index) => L.Store(value._v, destination, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> MulAdd(Unfused<L> a, Unfused<L> b, Unfused<L> c) => new(a._v * b._v + c._v);

    // Native minima differ between processors in NaN and in the sign of 0; a comparison does not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Min(Unfused<L> a, Unfused<L> b) => Select(LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Max(Unfused<L> a, Unfused<L> b) => Select(LessThan(b, a), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Abs(Unfused<L> x) => new(L.Abs(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Sqrt(Unfused<L> x) => new(L.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Round(Unfused<L> x) => new(L.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Pow2(Unfused<L> n) => new(L.Pow2(n._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> TimesPow2(Unfused<L> x, Unfused<L> n) => new(L.TimesPow2(x._v, n._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Exponent(Unfused<L> x) => new(L.Exponent(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Mantissa(Unfused<L> x) => new(L.Mantissa(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> LessThan(Unfused<L> a, Unfused<L> b) => new(L.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Equal(Unfused<L> a, Unfused<L> b) => new(L.Equal(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Unfused<L> mask) => L.Bits(mask._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> MaskOf(uint bits) => new(L.MaskOf(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> Select(Unfused<L> mask, Unfused<L> a, Unfused<L> b) => new(L.Select(mask._v, a._v, b._v));

    public static float Sum(Unfused<L> x) => Count == Simd.ExactLanes ? LaneTree.Sum(x) : throw LanesMeet();

    public static float MaxOf(Unfused<L> x) => Count == Simd.ExactLanes ? LaneTree.MaxOf(x) : throw LanesMeet();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> operator +(Unfused<L> a, Unfused<L> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> operator -(Unfused<L> a, Unfused<L> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> operator *(Unfused<L> a, Unfused<L> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> operator /(Unfused<L> a, Unfused<L> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unfused<L> operator -(Unfused<L> x) => new(-x._v);

    private static InvalidOperationException LanesMeet() => new($"Lanes meet in a kernel that does not say so by {nameof(ISimdKernel.LanesMeet)}.");
}
