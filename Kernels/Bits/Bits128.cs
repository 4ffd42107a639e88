using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>128 bits.</summary>
public readonly struct Bits128 : IBits<Bits128>
{
    private readonly Vector128<ulong> _v;

    private Bits128(Vector128<ulong> v) => _v = v;

    /// <inheritdoc/>
    public static int Words => 2;

    /// <inheritdoc/>
    public static Bits128 Zero => default;

    /// <inheritdoc/>
    public static Bits128 All => new(Vector128<ulong>.AllBitsSet);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits128 Load(ReadOnlySpan<ulong> source, int index)
    {
        Debug.Assert((uint)index <= (uint)(source.Length - Words), "load out of bounds");
        return new(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Bits128 value, Span<ulong> destination, int index)
    {
        Debug.Assert((uint)index <= (uint)(destination.Length - Words), "store out of bounds");
        value._v.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits128 operator &(Bits128 a, Bits128 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits128 operator |(Bits128 a, Bits128 b) => new(a._v | b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits128 operator ^(Bits128 a, Bits128 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits128 AndNot(Bits128 a, Bits128 b) => new(Vector128.AndNot(a._v, b._v));
}
