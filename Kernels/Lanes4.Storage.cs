using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

public partial struct Lanes4
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadBFloat16(ReadOnlySpan<ushort> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        ulong four = Unsafe.ReadUnaligned<ulong>(
            ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index)));
        Vector128<uint> bits = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsUInt16());
        return new((bits << BFloat16Bits.Shift).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes4 value, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector128<uint> bits = value._v.AsUInt32(), upper = Vector128.ShiftRightLogical(bits, BFloat16Bits.Shift);
        Vector128<uint> rounded = Vector128.ShiftRightLogical(
            bits + Vector128.Create(BFloat16Bits.HalfLessOne) + (upper & Vector128<uint>.One), BFloat16Bits.Shift);
        Vector128<uint> isNumber = Vector128.Equals(value._v, value._v).AsUInt32();
        Vector128<uint> result = Vector128.ConditionalSelect(isNumber, rounded, upper | Vector128.Create(BFloat16Bits.QuietNaN));
        ulong four = Vector128.Narrow(result, result).AsUInt64().ToScalar();
        Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), index)), four);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes4 value, ReadOnlySpan<ushort> noise, Span<ushort> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= noise.Length && index + Count <= destination.Length, "past the end");
        ulong four = Unsafe.ReadUnaligned<ulong>(
            ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(noise), index)));
        Vector128<uint> random = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsUInt16());
        Vector128<uint> bits = value._v.AsUInt32(), isNumber = Vector128.Equals(value._v, value._v).AsUInt32();
        Vector128<uint> quiet = Vector128.ShiftRightLogical(bits, BFloat16Bits.Shift) | Vector128.Create(BFloat16Bits.QuietNaN);
        Vector128<uint> result = Vector128.ConditionalSelect(isNumber, Vector128.ShiftRightLogical(bits + random, BFloat16Bits.Shift), quiet);
        Unsafe.WriteUnaligned(
            ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), index)),
            Vector128.Narrow(result, result).AsUInt64().ToScalar());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadFloat16(ReadOnlySpan<Half> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        ulong four = Unsafe.ReadUnaligned<ulong>(
            ref Unsafe.As<Half, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index)));
        Vector128<uint> bits = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsUInt16());

        // In the place of a float's bits the number is 2^112 times too small, subnormal or not; only infinities and NaNs have another exponent.
        Vector128<uint> magnitude = (bits & Vector128.Create(HalfBits.Magnitude)) << HalfBits.MantissaShift;
        Vector128<uint> number = (Vector128.Create(HalfBits.Rescale) * magnitude.AsSingle()).AsUInt32();
        Vector128<uint> finite = Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(HalfBits.Infinity)).AsUInt32();
        Vector128<uint> value = Vector128.ConditionalSelect(finite, number, magnitude | Vector128.Create(HalfBits.SingleExponent));
        return new((value | ((bits & Vector128.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadInt8(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        uint four = Unsafe.ReadUnaligned<uint>(
            ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index)));
        Vector128<short> codes = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsSByte());
        return new(Vector128.ConvertToSingle(Vector128.WidenLower(codes)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(Lanes4 value, Span<sbyte> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        Vector128<int> codes = Vector128.ConvertToInt32Native(value._v);
        Vector128<short> narrow = Vector128.Narrow(codes, codes);
        uint four = Vector128.Narrow(narrow, narrow).AsUInt32().ToScalar();
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), index)), four);
    }
}
