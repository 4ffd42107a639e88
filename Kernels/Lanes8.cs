using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>8 floats in a 256-bit register.</summary>
public partial struct Lanes8 : ILanes<Lanes8>
{
    private Vector256<float> _v;

    private Lanes8(Vector256<float> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static Lanes8 Zero => new(Vector256<float>.Zero);

    /// <inheritdoc/>
    public static Lanes8 One => new(Vector256<float>.One);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Splat(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes8 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MulAdd(Lanes8 a, Lanes8 b, Lanes8 c) => new(Vector256.MultiplyAddEstimate(a._v, b._v, c._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes8 sum, Lanes8 a, Lanes8 b) => sum._v = Vector256.MultiplyAddEstimate(a._v, b._v, sum._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Lanes8 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Lanes8 sum, ReadOnlySpan<float> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Min(Lanes8 a, Lanes8 b) => new(Vector256.MinNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 a, Lanes8 b) => new(Vector256.MaxNative(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Abs(Lanes8 x) => new(Vector256.Abs(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sqrt(Lanes8 x) => new(Vector256.Sqrt(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Round(Lanes8 x) => new(Vector256.Round(x._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Pow2(Lanes8 n)
    {
        Vector256<int> exponent = Vector256.ConvertToInt32Native(n._v) + Vector256.Create(FloatBits.Bias);
        return new((exponent << FloatBits.MantissaBits).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 TimesPow2(Lanes8 x, Lanes8 n) =>
        new((x._v.AsInt32() + (Vector256.ConvertToInt32Native(n._v) << FloatBits.MantissaBits)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Exponent(Lanes8 x)
    {
        Vector256<int> biased = Vector256.ShiftRightLogical(x._v.AsInt32(), FloatBits.MantissaBits);
        return new(Vector256.ConvertToSingle(biased - Vector256.Create(FloatBits.Bias)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Mantissa(Lanes8 x)
    {
        Vector256<int> fraction = x._v.AsInt32() & Vector256.Create(FloatBits.MantissaMask);
        return new((fraction | Vector256.Create(FloatBits.OneBits)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LessThan(Lanes8 a, Lanes8 b) => new(Vector256.LessThan(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Equal(Lanes8 a, Lanes8 b) => new(Vector256.Equals(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(Lanes8 mask) => Vector256.ExtractMostSignificantBits(mask._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MaskOf(uint bits)
    {
        Vector256<uint> own = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128u);
        return new(Vector256.Equals(Vector256.Create(bits) & own, own).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Select(Lanes8 mask, Lanes8 a, Lanes8 b) => new(Avx.IsSupported
        ? Avx.BlendVariable(b._v, a._v, mask._v)   // the other form takes three instructions when a side is a constant
        : Vector256.ConditionalSelect(mask._v, a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes8 x) => Vector256.Sum(x._v);

    /// <inheritdoc/>
    public static float MaxOf(Lanes8 x)
    {
        float max = x._v[0];
        for (int i = 1; i < Count; i++)
            max = MathF.Max(max, x._v[i]);
        return max;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 a, Lanes8 b) => new(a._v + b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 a, Lanes8 b) => new(a._v - b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 a, Lanes8 b) => new(a._v * b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 a, Lanes8 b) => new(a._v / b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 x) => new(-x._v);
}
