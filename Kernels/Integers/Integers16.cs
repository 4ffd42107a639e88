using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>16 whole numbers in a register of 256 bits.</summary>
public struct Integers16 : IIntegerLanes<Integers16>
{
    private Vector256<short> _v;

    private Integers16(Vector256<short> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Integers16 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 operator +(Integers16 left, Integers16 right) => new(left._v + right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 operator -(Integers16 left, Integers16 right) => new(left._v - right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Integers16 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Integers16 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 Widen(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        Vector128<sbyte> bytes = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
        return new(Avx2.IsSupported ? Avx2.ConvertToVector256Int16(bytes) : Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloats(Integers16 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref float to = ref MemoryMarshal.GetReference(destination);
        (Vector256<int> lower, Vector256<int> upper) = Vector256.Widen(value._v);
        Vector256.ConvertToSingle(lower).StoreUnsafe(ref to, (nuint)(uint)index);
        Vector256.ConvertToSingle(upper).StoreUnsafe(ref to, (nuint)(uint)(index + Count / 2));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Integers16 value, Span<short> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 SplatBytes(uint four) => new(Vector256.Create(four).AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 LoadBytes(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + 2 * Count <= source.Length, "load past the end");
        return new(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index).AsInt16());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 MultiplyPairs(Integers16 left, Integers16 right)
    {
        if (Avx2.IsSupported)
            return new(Avx2.MultiplyAddAdjacent(left._v.AsByte(), right._v.AsSByte()));

        // Even and odd bytes of each lane of 16 bits apart.
        Vector256<short> evenRight = Vector256.ShiftRightArithmetic(right._v << 8, 8), oddRight = Vector256.ShiftRightArithmetic(right._v, 8);
        Vector256<short> evenLeft = left._v & Vector256.Create((short)byte.MaxValue), oddLeft = Vector256.ShiftRightLogical(left._v, 8);
        return new(evenLeft * evenRight + oddLeft * oddRight);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers16 Load(ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(ref Integers16 sums, Integers16 left, Integers16 right)
    {
        if (Avx2.IsSupported)
        {
            sums._v = (sums._v.AsInt32() + Avx2.MultiplyAddAdjacent(left._v, right._v)).AsInt16();
            return;
        }

        // Even and odd numbers of each lane of 32 bits apart.
        Vector256<int> evenLeft = Vector256.ShiftRightArithmetic(left._v.AsInt32() << 16, 16), oddLeft = Vector256.ShiftRightArithmetic(left._v.AsInt32(), 16);
        Vector256<int> evenRight = Vector256.ShiftRightArithmetic(right._v.AsInt32() << 16, 16), oddRight = Vector256.ShiftRightArithmetic(right._v.AsInt32(), 16);
        sums._v = (sums._v.AsInt32() + evenLeft * evenRight + oddLeft * oddRight).AsInt16();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum32(Integers16 sums) => Vector256.Sum(sums._v.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums32(Integers16 a, Integers16 b, Integers16 c, Integers16 d)
    {
        if (!Avx2.IsSupported)
            return Vector128.Create(Sum32(a), Sum32(b), Sum32(c), Sum32(d));
        Vector256<int> halves = Avx2.HorizontalAdd(
            Avx2.HorizontalAdd(a._v.AsInt32(), b._v.AsInt32()), Avx2.HorizontalAdd(c._v.AsInt32(), d._v.AsInt32()));
        return halves.GetLower() + halves.GetUpper();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddPairs(Integers16 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count / 2 <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        Vector256<int> pairs = Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(value._v, Vector256<short>.One)
            : Vector256.ShiftRightArithmetic(value._v.AsInt32() << 16, 16) + Vector256.ShiftRightArithmetic(value._v.AsInt32(), 16);
        (Vector256.LoadUnsafe(ref to, (nuint)(uint)index) + pairs).StoreUnsafe(ref to, (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Integers16 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        nuint lower = (nuint)(uint)index, upper = lower + (nuint)Count / 2;
        (Vector256.LoadUnsafe(ref to, lower) + Vector256.WidenLower(value._v)).StoreUnsafe(ref to, lower);
        (Vector256.LoadUnsafe(ref to, upper) + Vector256.WidenUpper(value._v)).StoreUnsafe(ref to, upper);
    }
}
