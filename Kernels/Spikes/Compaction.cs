using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>Writes down which bits of a mask are set, eight at a time by a table: no branch, whatever the mask.</summary>
internal static class Compaction
{
    /// <summary>Bits that are looked up together, and entries that are written, used or not.</summary>
    internal const int Width = 8;

    // For each mask: the bytes of eight 16-bit numbers that stay, moved to the front.
    private static readonly Vector128<byte>[] s_moves = Moves();

    /// <summary>Appends first + i for every set bit i.</summary>
    /// <param name="bits">The mask; at most 16 bits.</param>
    /// <param name="first">Added to the number of the bit.</param>
    /// <param name="to">Room for <see cref="Width"/> entries more than are in it at the end.</param>
    /// <param name="count">Entries so far.</param>
    /// <returns>Entries now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Append(uint bits, int first, Span<ushort> to, int count)
    {
        Debug.Assert(bits <= ushort.MaxValue && count + 2 * Width <= to.Length, "there is no room");
        count = AppendByte(bits & byte.MaxValue, first, to, count);
        return bits > byte.MaxValue ? AppendByte(bits >> Width, first + Width, to, count) : count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int AppendByte(uint bits, int first, Span<ushort> to, int count)
    {
        Vector128<ushort> numbers = Vector128<ushort>.Indices + Vector128.Create((ushort)first);
        Vector128<byte> front = Vector128.Shuffle(numbers.AsByte(), s_moves[bits]);
        front.AsUInt16().StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)count);
        return count + BitOperations.PopCount(bits);
    }

    private static Vector128<byte>[] Moves()
    {
        var moves = new Vector128<byte>[1 << Width];
        Span<byte> move = stackalloc byte[2 * Width];
        for (uint mask = 0; mask < moves.Length; mask++)
        {
            move.Clear();
            int at = 0;
            for (uint bits = mask; bits != 0; bits &= bits - 1)
            {
                int bit = BitOperations.TrailingZeroCount(bits);
                move[at++] = (byte)(2 * bit);
                move[at++] = (byte)(2 * bit + 1);
            }

            moves[mask] = Vector128.Create<byte>(move);
        }

        return moves;
    }
}
