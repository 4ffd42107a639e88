using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>32 whole numbers in a register of 512 bits.</summary>
public struct Integers32 : IIntegerLanes<Integers32>
{
    private Vector512<short> _v;

    private Integers32(Vector512<short> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 32;

    /// <inheritdoc/>
    public static Integers32 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 operator +(Integers32 left, Integers32 right) => new(left._v + right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 operator -(Integers32 left, Integers32 right) => new(left._v - right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Integers32 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Integers32 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 Widen(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector256<sbyte> bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
        return new(Avx512BW.IsSupported ? Avx512BW.ConvertToVector512Int16(bytes) : Vector512.Create(Vector256.WidenLower(bytes), Vector256.WidenUpper(bytes)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloats(Integers32 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref float to = ref MemoryMarshal.GetReference(destination);
        (Vector512<int> lower, Vector512<int> upper) = Vector512.Widen(value._v);
        Vector512.ConvertToSingle(lower).StoreUnsafe(ref to, (nuint)(uint)index);
        Vector512.ConvertToSingle(upper).StoreUnsafe(ref to, (nuint)(uint)(index + Count / 2));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Integers32 value, Span<short> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 SplatBytes(uint four) => new(Vector512.Create(four).AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 LoadBytes(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + 2 * Count <= source.Length, "load past the end");
        return new(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index).AsInt16());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 MultiplyPairs(Integers32 left, Integers32 right)
    {
        if (Avx512BW.IsSupported)
            return new(Avx512BW.MultiplyAddAdjacent(left._v.AsByte(), right._v.AsSByte()));

        // Even and odd bytes of each lane of 16 bits apart.
        Vector512<short> evenRight = Vector512.ShiftRightArithmetic(right._v << 8, 8), oddRight = Vector512.ShiftRightArithmetic(right._v, 8);
        Vector512<short> evenLeft = left._v & Vector512.Create((short)byte.MaxValue), oddLeft = Vector512.ShiftRightLogical(left._v, 8);
        return new(evenLeft * evenRight + oddLeft * oddRight);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers32 Load(ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(ref Integers32 sums, Integers32 left, Integers32 right)
    {
        if (Avx512BW.IsSupported)
        {
            sums._v = (sums._v.AsInt32() + Avx512BW.MultiplyAddAdjacent(left._v, right._v)).AsInt16();
            return;
        }

        // Even and odd numbers of each lane of 32 bits apart.
        Vector512<int> evenLeft = Vector512.ShiftRightArithmetic(left._v.AsInt32() << 16, 16), oddLeft = Vector512.ShiftRightArithmetic(left._v.AsInt32(), 16);
        Vector512<int> evenRight = Vector512.ShiftRightArithmetic(right._v.AsInt32() << 16, 16), oddRight = Vector512.ShiftRightArithmetic(right._v.AsInt32(), 16);
        sums._v = (sums._v.AsInt32() + evenLeft * evenRight + oddLeft * oddRight).AsInt16();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum32(Integers32 sums) => Vector512.Sum(sums._v.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums32(Integers32 a, Integers32 b, Integers32 c, Integers32 d)
    {
        if (!Avx2.IsSupported)
            return Vector128.Create(Sum32(a), Sum32(b), Sum32(c), Sum32(d));
        Vector256<int> halves = Avx2.HorizontalAdd(Avx2.HorizontalAdd(Half(a), Half(b)), Avx2.HorizontalAdd(Half(c), Half(d)));
        return halves.GetLower() + halves.GetUpper();

        static Vector256<int> Half(Integers32 x) => x._v.GetLower().AsInt32() + x._v.GetUpper().AsInt32();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddPairs(Integers32 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count / 2 <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        Vector512<int> pairs = Avx512BW.IsSupported
            ? Avx512BW.MultiplyAddAdjacent(value._v, Vector512<short>.One)
            : Vector512.ShiftRightArithmetic(value._v.AsInt32() << 16, 16) + Vector512.ShiftRightArithmetic(value._v.AsInt32(), 16);
        (Vector512.LoadUnsafe(ref to, (nuint)(uint)index) + pairs).StoreUnsafe(ref to, (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Integers32 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        nuint lower = (nuint)(uint)index, upper = lower + (nuint)Count / 2;
        (Vector512.LoadUnsafe(ref to, lower) + Vector512.WidenLower(value._v)).StoreUnsafe(ref to, lower);
        (Vector512.LoadUnsafe(ref to, upper) + Vector512.WidenUpper(value._v)).StoreUnsafe(ref to, upper);
    }
}
