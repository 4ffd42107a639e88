using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>8 whole numbers in a register of 128 bits.</summary>
public struct Integers8 : IIntegerLanes<Integers8>
{
    private Vector128<short> _v;

    private Integers8(Vector128<short> v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static Integers8 Zero => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 operator +(Integers8 left, Integers8 right) => new(left._v + right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 operator -(Integers8 left, Integers8 right) => new(left._v - right._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFrom(ref Integers8 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v += Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ref Integers8 sum, ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        sum._v -= Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 Widen(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), index)));
        return new(Vector128.WidenLower(Vector128.CreateScalarUnsafe(eight).AsSByte()));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFloats(Integers8 value, Span<float> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref float to = ref MemoryMarshal.GetReference(destination);
        (Vector128<int> lower, Vector128<int> upper) = Vector128.Widen(value._v);
        Vector128.ConvertToSingle(lower).StoreUnsafe(ref to, (nuint)(uint)index);
        Vector128.ConvertToSingle(upper).StoreUnsafe(ref to, (nuint)(uint)(index + Count / 2));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Integers8 value, Span<short> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 SplatBytes(uint four) => new(Vector128.Create(four).AsInt16());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 LoadBytes(ReadOnlySpan<sbyte> source, int index)
    {
        Debug.Assert(index >= 0 && index + 2 * Count <= source.Length, "load past the end");
        return new(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index).AsInt16());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 MultiplyPairs(Integers8 left, Integers8 right)
    {
        if (Ssse3.IsSupported)
            return new(Ssse3.MultiplyAddAdjacent(left._v.AsByte(), right._v.AsSByte()));

        // Even and odd bytes of each lane of 16 bits apart.
        Vector128<short> evenRight = Vector128.ShiftRightArithmetic(right._v << 8, 8), oddRight = Vector128.ShiftRightArithmetic(right._v, 8);
        Vector128<short> evenLeft = left._v & Vector128.Create((short)byte.MaxValue), oddLeft = Vector128.ShiftRightLogical(left._v, 8);
        return new(evenLeft * evenRight + oddLeft * oddRight);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Integers8 Load(ReadOnlySpan<short> source, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= source.Length, "load past the end");
        return new(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)(uint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(ref Integers8 sums, Integers8 left, Integers8 right)
    {
        if (Sse2.IsSupported)
        {
            sums._v = (sums._v.AsInt32() + Sse2.MultiplyAddAdjacent(left._v, right._v)).AsInt16();
            return;
        }

        // Even and odd numbers of each lane of 32 bits apart.
        Vector128<int> evenLeft = Vector128.ShiftRightArithmetic(left._v.AsInt32() << 16, 16), oddLeft = Vector128.ShiftRightArithmetic(left._v.AsInt32(), 16);
        Vector128<int> evenRight = Vector128.ShiftRightArithmetic(right._v.AsInt32() << 16, 16), oddRight = Vector128.ShiftRightArithmetic(right._v.AsInt32(), 16);
        sums._v = (sums._v.AsInt32() + evenLeft * evenRight + oddLeft * oddRight).AsInt16();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum32(Integers8 sums) => Vector128.Sum(sums._v.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums32(Integers8 a, Integers8 b, Integers8 c, Integers8 d) =>
        Ssse3.IsSupported
            ? Ssse3.HorizontalAdd(Ssse3.HorizontalAdd(a._v.AsInt32(), b._v.AsInt32()), Ssse3.HorizontalAdd(c._v.AsInt32(), d._v.AsInt32()))
            : Vector128.Create(Sum32(a), Sum32(b), Sum32(c), Sum32(d));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddPairs(Integers8 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count / 2 <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        Vector128<int> pairs = Sse2.IsSupported
            ? Sse2.MultiplyAddAdjacent(value._v, Vector128<short>.One)
            : Vector128.ShiftRightArithmetic(value._v.AsInt32() << 16, 16) + Vector128.ShiftRightArithmetic(value._v.AsInt32(), 16);
        (Vector128.LoadUnsafe(ref to, (nuint)(uint)index) + pairs).StoreUnsafe(ref to, (nuint)(uint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWide(Integers8 value, Span<int> destination, int index)
    {
        Debug.Assert(index >= 0 && index + Count <= destination.Length, "store past the end");
        ref int to = ref MemoryMarshal.GetReference(destination);
        nuint lower = (nuint)(uint)index, upper = lower + (nuint)Count / 2;
        (Vector128.LoadUnsafe(ref to, lower) + Vector128.WidenLower(value._v)).StoreUnsafe(ref to, lower);
        (Vector128.LoadUnsafe(ref to, upper) + Vector128.WidenUpper(value._v)).StoreUnsafe(ref to, upper);
    }
}
