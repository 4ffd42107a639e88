using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>256 bits.</summary>
public readonly struct Bits256 : IBits<Bits256>
{
    private readonly Vector256<ulong> _v;

    private Bits256(Vector256<ulong> v) => _v = v;

    /// <inheritdoc/>
    public static int Words => 4;

    /// <inheritdoc/>
    public static Bits256 Zero => default;

    /// <inheritdoc/>
    public static Bits256 All => new(Vector256<ulong>.AllBitsSet);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits256 Load(ReadOnlySpan<ulong> source, int index)
    {
        Debug.Assert((uint)index <= (uint)(source.Length - Words), "load out of bounds");
        return new(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Bits256 value, Span<ulong> destination, int index)
    {
        Debug.Assert((uint)index <= (uint)(destination.Length - Words), "store out of bounds");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits256 operator &(Bits256 a, Bits256 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits256 operator |(Bits256 a, Bits256 b) => new(a._v | b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits256 operator ^(Bits256 a, Bits256 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits256 AndNot(Bits256 a, Bits256 b) => new(Vector256.AndNot(a._v, b._v));
}
