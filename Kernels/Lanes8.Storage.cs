using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

public partial struct Lanes8
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadBFloat16(ReadOnlySpan<ushort> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector128<ushort> stored = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
        return new((Widen(stored) << BFloat16Bits.Shift).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes8 value, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector256<uint> bits = value._v.AsUInt32(), upper = Vector256.ShiftRightLogical(bits, BFloat16Bits.Shift);
        Vector256<uint> rounded = Vector256.ShiftRightLogical(
            bits + Vector256.Create(BFloat16Bits.HalfLessOne) + (upper & Vector256<uint>.One), BFloat16Bits.Shift);
        Vector256<uint> isNumber = Vector256.Equals(value._v, value._v).AsUInt32();
        Vector256<uint> result = Vector256.ConditionalSelect(isNumber, rounded, upper | Vector256.Create(BFloat16Bits.QuietNaN));
        Vector256.Narrow(result, result).GetLower().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes8 value, ReadOnlySpan<ushort> noise, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= noise.Length && index + Count <= destination.Length, "past the end");
        Vector256<uint> random = Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(noise), (nuint)(uint)index));
        Vector256<uint> bits = value._v.AsUInt32(), isNumber = Vector256.Equals(value._v, value._v).AsUInt32();
        Vector256<uint> quiet = Vector256.ShiftRightLogical(bits, BFloat16Bits.Shift) | Vector256.Create(BFloat16Bits.QuietNaN);
        Vector256<uint> result = Vector256.ConditionalSelect(isNumber, Vector256.ShiftRightLogical(bits + random, BFloat16Bits.Shift), quiet);
        Vector256.Narrow(result, result).GetLower().StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadFloat16(ReadOnlySpan<Half> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector128<ushort> stored = Vector128.LoadUnsafe(ref Unsafe.As<Half, ushort>(ref MemoryMarshal.GetReference(source)), (nuint)(uint)index);
        Vector256<uint> bits = Widen(stored);

        // In the place of a float's bits the number is 2^112 times too small, subnormal or not; only infinities and NaNs have another exponent.
        Vector256<uint> magnitude = (bits & Vector256.Create(HalfBits.Magnitude)) << HalfBits.MantissaShift;
        Vector256<uint> number = (Vector256.Create(HalfBits.Rescale) * magnitude.AsSingle()).AsUInt32();
        Vector256<uint> finite = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(HalfBits.Infinity)).AsUInt32();
        Vector256<uint> value = Vector256.ConditionalSelect(finite, number, magnitude | Vector256.Create(HalfBits.SingleExponent));
        return new((value | ((bits & Vector256.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadInt8(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        ulong eight = Unsafe.ReadUnaligned<ulong>(
            ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index)));
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(eight).AsSByte();
        if (Avx2.IsSupported)
            return new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes)));
        Vector128<short> codes = Vector128.WidenLower(bytes);
        return new(Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(codes), Vector128.WidenUpper(codes))));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(Lanes8 value, Span<sbyte> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector256<int> codes = Vector256.ConvertToInt32Native(value._v);
        Vector256<short> narrow = Vector256.Narrow(codes, codes);
        ulong eight = Vector128.Narrow(narrow.GetLower(), narrow.GetLower()).AsUInt64().ToScalar();
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), index)), eight);
    }

    // One instruction where there is one: the compiler does not find it by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(Vector128<ushort> numbers) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(numbers).AsUInt32()
        : Vector256.Create(Vector128.WidenLower(numbers), Vector128.WidenUpper(numbers));
}
