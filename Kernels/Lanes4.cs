using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>4 floats in a 128-bit register.</summary>
public partial struct Lanes4 : ILanes<Lanes4>
{
    private Vector128<float> _v;

    private Lanes4(Vector128<float> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static Lanes4 Zero => new(Vector128<float>.Zero);

    /// <inheritdoc/>
    public static Lanes4 One => new(Vector128<float>.One);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Splat(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes4 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MulAdd(Lanes4 a, Lanes4 b, Lanes4 c) => new(Vector128.MultiplyAddEstimate(a._v, b._v, c._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes4 sum, Lanes4 a, Lanes4 b) => sum._v = Vector128.MultiplyAddEstimate(a._v, b._v, sum._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Lanes4 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Lanes4 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 a, Lanes4 b) => new(Vector128.MinNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 a, Lanes4 b) => new(Vector128.MaxNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Abs(Lanes4 x) => new(Vector128.Abs(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Sqrt(Lanes4 x) => new(Vector128.Sqrt(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Round(Lanes4 x) => new(Vector128.Round(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Pow2(Lanes4 n)
    {
        Vector128<int> exponent = Vector128.ConvertToInt32Native(n._v) + Vector128.Create(FloatBits.Bias);
        return new((exponent << FloatBits.MantissaBits).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 TimesPow2(Lanes4 x, Lanes4 n) =>
        new((x._v.AsInt32() + (Vector128.ConvertToInt32Native(n._v) << FloatBits.MantissaBits)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Exponent(Lanes4 x)
    {
        Vector128<int> biased = Vector128.ShiftRightLogical(x._v.AsInt32(), FloatBits.MantissaBits);
        return new(Vector128.ConvertToSingle(biased - Vector128.Create(FloatBits.Bias)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Mantissa(Lanes4 x)
    {
        Vector128<int> fraction = x._v.AsInt32() & Vector128.Create(FloatBits.MantissaMask);
        return new((fraction | Vector128.Create(FloatBits.OneBits)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LessThan(Lanes4 a, Lanes4 b) => new(Vector128.LessThan(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Equal(Lanes4 a, Lanes4 b) => new(Vector128.Equals(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Lanes4 mask) => Vector128.ExtractMostSignificantBits(mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MaskOf(uint bits)
    {
        Vector128<uint> own = Vector128.Create(1, 2, 4, 8u);
        return new(Vector128.Equals(Vector128.Create(bits) & own, own).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Select(Lanes4 mask, Lanes4 a, Lanes4 b) => new(Vector128.ConditionalSelect(mask._v, a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes4 x) => Vector128.Sum(x._v);

    /// <inheritdoc/>
    public static float MaxOf(Lanes4 x)
    {
        float max = x._v[0];
        for (int i = 1; i < Count; i++)
            max = MathF.Max(max, x._v[i]);
        return max;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 a, Lanes4 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 a, Lanes4 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 a, Lanes4 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 a, Lanes4 b) => new(a._v / b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 x) => new(-x._v);
}
