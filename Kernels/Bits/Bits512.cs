using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>512 bits.</summary>
public readonly struct Bits512 : IBits<Bits512>
{
    private readonly Vector512<ulong> _v;

    private Bits512(Vector512<ulong> v) => _v = v;

    /// <inheritdoc/>
    public static int Words => 8;

    /// <inheritdoc/>
    public static Bits512 Zero => default;

    /// <inheritdoc/>
    public static Bits512 All => new(Vector512<ulong>.AllBitsSet);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 Load(ReadOnlySpan<ulong> source, int index)
    {
        Debug.Assert((uint)index <= (uint)(source.Length - Words), "load out of bounds");
        return new(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Bits512 value, Span<ulong> destination, int index)
    {
        Debug.Assert((uint)index <= (uint)(destination.Length - Words), "store out of bounds");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 operator &(Bits512 a, Bits512 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 operator |(Bits512 a, Bits512 b) => new(a._v | b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 operator ^(Bits512 a, Bits512 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 AndNot(Bits512 a, Bits512 b) => new(Vector512.AndNot(a._v, b._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 OrAnd(Bits512 a, Bits512 b, Bits512 c) => Avx512F.IsSupported
        ? new(Avx512F.TernaryLogic(a._v, b._v, c._v, 0xF8))
        : new(a._v | (b._v & c._v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 Sum(Bits512 a, Bits512 b, Bits512 c) => Avx512F.IsSupported
        ? new(Avx512F.TernaryLogic(a._v, b._v, c._v, 0x96))
        : new(a._v ^ b._v ^ c._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits512 Carry(Bits512 a, Bits512 b, Bits512 c) => Avx512F.IsSupported
        ? new(Avx512F.TernaryLogic(a._v, b._v, c._v, 0xE8))
        : new((a._v & b._v) | (c._v & (a._v | b._v)));
}
