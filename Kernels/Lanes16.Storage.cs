using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

public partial struct Lanes16
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadBFloat16(ReadOnlySpan<ushort> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector256<ushort> stored = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
        Vector512<uint> bits = Widen(stored);
        return new((bits << BFloat16Bits.Shift).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes16 value, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector512<uint> bits = value._v.AsUInt32(), upper = Vector512.ShiftRightLogical(bits, BFloat16Bits.Shift);
        Vector512<uint> rounded = Vector512.ShiftRightLogical(
            bits + Vector512.Create(BFloat16Bits.HalfLessOne) + (upper & Vector512<uint>.One), BFloat16Bits.Shift);
        Vector512<uint> isNumber = Vector512.Equals(value._v, value._v).AsUInt32();
        Vector512<uint> result = Vector512.ConditionalSelect(isNumber, rounded, upper | Vector512.Create(BFloat16Bits.QuietNaN));
        Vector512.Narrow(result, result).GetLower().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes16 value, ReadOnlySpan<ushort> noise, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= noise.Length && index + Count <= destination.Length, "past the end");
        Vector512<uint> random = Widen(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(noise), (nuint)(uint)index));
        Vector512<uint> bits = value._v.AsUInt32(), isNumber = Vector512.Equals(value._v, value._v).AsUInt32();
        Vector512<uint> quiet = Vector512.ShiftRightLogical(bits, BFloat16Bits.Shift) | Vector512.Create(BFloat16Bits.QuietNaN);
        Vector512<uint> result = Vector512.ConditionalSelect(isNumber, Vector512.ShiftRightLogical(bits + random, BFloat16Bits.Shift), quiet);
        Vector512.Narrow(result, result).GetLower().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadFloat16(ReadOnlySpan<Half> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector256<ushort> stored = Vector256.LoadUnsafe(ref Unsafe.As<Half, ushort>(ref MemoryMarshal.GetReference(source)), (nuint)(uint)index);
        Vector512<uint> bits = Widen(stored);

        // In the place of a float's bits the number is 2^112 times too small, subnormal or not; only infinities and NaNs have another exponent.
        Vector512<uint> magnitude = (bits & Vector512.Create(HalfBits.Magnitude)) << HalfBits.MantissaShift;
        Vector512<uint> number = (Vector512.Create(HalfBits.Rescale) * magnitude.AsSingle()).AsUInt32();
        Vector512<uint> finite = Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(HalfBits.Infinity)).AsUInt32();
        Vector512<uint> value = Vector512.ConditionalSelect(finite, number, magnitude | Vector512.Create(HalfBits.SingleExponent));
        return new((value | ((bits & Vector512.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadInt8(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector128<sbyte> stored = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
        return new(Vector512.ConvertToSingle(Widen(stored)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(Lanes16 value, Span<sbyte> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector512<int> codes = Vector512.ConvertToInt32Native(value._v);
        Vector512<short> narrow = Vector512.Narrow(codes, codes);
        Vector256.Narrow(narrow.GetLower(), narrow.GetLower()).GetLower()
            .StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    // One instruction where there is one: the compiler does not find it by itself, and what it finds took three times as long as 256 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<sbyte> codes)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Int32(codes);
        Vector256<short> wide = Vector256.Create(Vector128.WidenLower(codes), Vector128.WidenUpper(codes));
        return Vector512.Create(Vector256.WidenLower(wide), Vector256.WidenUpper(wide));
    }

    // One instruction where there is one: the compiler does not find it by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(Vector256<ushort> numbers) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512UInt32(numbers)
        : Vector512.Create(Vector256.WidenLower(numbers), Vector256.WidenUpper(numbers));
}
