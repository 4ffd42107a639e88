using System.Runtime.CompilerServices;

namespace SpikeEngine;

/// <summary>
/// Float blocks that start on a 64-byte boundary, so that no 512-bit load straddles two cache lines. They are pinned
/// managed arrays: a span over one keeps it alive, so nothing has to be disposed and nothing can dangle.
/// </summary>
public static class AlignedMemory
{
    private const int AlignmentBytes = 64;
    private const int AlignmentFloats = AlignmentBytes / sizeof(float);

    /// <summary>A block of <paramref name="length"/> zeros.</summary>
    public static Memory<float> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return Align(GC.AllocateArray<float>(length + AlignmentFloats, pinned: true), length);
    }

    /// <summary>A block of <paramref name="length"/> floats that nobody has set.</summary>
    internal static Memory<float> AllocateUninitialized(int length) =>
        Align(GC.AllocateUninitializedArray<float>(length + AlignmentFloats, pinned: true), length);

    /// <summary>A block of <paramref name="length"/> bytes that nobody has set.</summary>
    internal static Memory<byte> AllocateBytes(int length)
    {
        byte[] block = GC.AllocateUninitializedArray<byte>(checked(length + AlignmentBytes), pinned: true);
        return block.AsMemory(PaddingOf(block), length);
    }

    private static Memory<float> Align(float[] block, int length) => block.AsMemory(PaddingOf(block) / sizeof(float), length);

    /// <summary>Bytes to skip.</summary>
    private static int PaddingOf<T>(T[] block)
        where T : unmanaged => (int)(AddressOf(block) % AlignmentBytes) is var past and not 0 ? AlignmentBytes - past : 0;

    /// <summary>Rounds a length up so that the next block in the same array is aligned too.</summary>
    internal static int RoundUp(int length) => checked(length + AlignmentFloats - 1) & -AlignmentFloats;

    // The array is pinned, so its address is fixed.
    private static unsafe ulong AddressOf<T>(T[] block)
        where T : unmanaged => (ulong)Unsafe.AsPointer(ref block[0]);
}
