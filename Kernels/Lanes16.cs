using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>16 floats in a 512-bit register.</summary>
public partial struct Lanes16 : ILanes<Lanes16>
{
    private Vector512<float> _v;

    private Lanes16(Vector512<float> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Lanes16 Zero => new(Vector512<float>.Zero);

    /// <inheritdoc/>
    public static Lanes16 One => new(Vector512<float>.One);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Splat(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes16 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MulAdd(Lanes16 a, Lanes16 b, Lanes16 c) => new(Vector512.MultiplyAddEstimate(a._v, b._v, c._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes16 sum, Lanes16 a, Lanes16 b) => sum._v = Vector512.MultiplyAddEstimate(a._v, b._v, sum._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Lanes16 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Lanes16 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 a, Lanes16 b) => new(Vector512.MinNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 a, Lanes16 b) => new(Vector512.MaxNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Abs(Lanes16 x) => new(Vector512.Abs(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 x) => new(Vector512.Sqrt(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Round(Lanes16 x) => new(Vector512.Round(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Pow2(Lanes16 n)
    {
        Vector512<int> exponent = Vector512.ConvertToInt32Native(n._v) + Vector512.Create(FloatBits.Bias);
        return new((exponent << FloatBits.MantissaBits).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 TimesPow2(Lanes16 x, Lanes16 n) =>
        new((x._v.AsInt32() + (Vector512.ConvertToInt32Native(n._v) << FloatBits.MantissaBits)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Exponent(Lanes16 x)
    {
        Vector512<int> biased = Vector512.ShiftRightLogical(x._v.AsInt32(), FloatBits.MantissaBits);
        return new(Vector512.ConvertToSingle(biased - Vector512.Create(FloatBits.Bias)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Mantissa(Lanes16 x)
    {
        Vector512<int> fraction = x._v.AsInt32() & Vector512.Create(FloatBits.MantissaMask);
        return new((fraction | Vector512.Create(FloatBits.OneBits)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LessThan(Lanes16 a, Lanes16 b) => new(Vector512.LessThan(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Equal(Lanes16 a, Lanes16 b) => new(Vector512.Equals(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Lanes16 mask) => (uint)Vector512.ExtractMostSignificantBits(mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MaskOf(uint bits)
    {
        Vector512<uint> own = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768u);
        return new(Vector512.Equals(Vector512.Create(bits) & own, own).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Select(Lanes16 mask, Lanes16 a, Lanes16 b) => new(Vector512.ConditionalSelect(mask._v, a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 x) => Vector512.Sum(x._v);

    /// <inheritdoc/>
    public static float MaxOf(Lanes16 x)
    {
        float max = x._v[0];
        for (int i = 1; i < Count; i++)
            max = MathF.Max(max, x._v[i]);
        return max;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 a, Lanes16 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 a, Lanes16 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 a, Lanes16 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 a, Lanes16 b) => new(a._v / b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 x) => new(-x._v);
}
