using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

public readonly partial struct Lanes1
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LoadBFloat16(ReadOnlySpan<ushort> source, int index) => new(BFloat16Bits.ToSingle(source[index]));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes1 value, Span<ushort> destination, int index) =>
        destination[index] = BFloat16Bits.FromSingle(value._v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Lanes1 value, ReadOnlySpan<ushort> noise, Span<ushort> destination, int index) =>
        destination[index] = StochasticBFloat16.Encode(value._v, noise[index]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LoadInt8(ReadOnlySpan<sbyte> source, int index) => new(source[index]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(Lanes1 value, Span<sbyte> destination, int index) => destination[index] = (sbyte)value._v;
}
