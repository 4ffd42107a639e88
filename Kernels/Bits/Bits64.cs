using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>64 bits, without any vectors.</summary>
public readonly struct Bits64 : IBits<Bits64>
{
    private readonly ulong _v;

    private Bits64(ulong v) => _v = v;

    /// <inheritdoc/>
    public static int Words => 1;

    /// <inheritdoc/>
    public static Bits64 Zero => default;

    /// <inheritdoc/>
    public static Bits64 All => new(ulong.MaxValue);

    /// <inheritdoc/>
    public static Bits64 Load(ReadOnlySpan<ulong> source, int index) => new(source[index]);

    /// <inheritdoc/>
    public static void Store(Bits64 value, Span<ulong> destination, int index) => destination[index] = value._v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits64 operator &(Bits64 a, Bits64 b) => new(a._v & b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits64 operator |(Bits64 a, Bits64 b) => new(a._v | b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits64 operator ^(Bits64 a, Bits64 b) => new(a._v ^ b._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bits64 AndNot(Bits64 a, Bits64 b) => new(a._v & ~b._v);
}
