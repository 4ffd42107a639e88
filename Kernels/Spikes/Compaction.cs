using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>Keeps the numbers whose bits are set in a mask, eight at a time by a table: no branch, whatever the mask.</summary>
internal static class Compaction
{
    /// <summary>Bits that are looked up together, and entries that are written, used or not.</summary>
    internal const int Width = 8;

    // For each mask: the bytes of eight 16-bit numbers that stay, moved to the front.
    private static readonly Vector128<byte>[] s_moves = Moves();

    /// <summary>The table, which a loop looks up once.</summary>
    internal static ReadOnlySpan<Vector128<byte>> Table => s_moves;

    /// <summary>Appends the numbers whose bit is set.</summary>
    /// <param name="table"><see cref="Table"/>.</param>
    /// <param name="bits">The mask, of <see cref="Width"/> bits.</param>
    /// <param name="numbers">One for each bit.</param>
    /// <param name="to">Room for <see cref="Width"/> entries more than are in it.</param>
    /// <param name="count">Entries so far.</param>
    /// <returns>Entries now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Put(ReadOnlySpan<Vector128<byte>> table, uint bits, Vector128<ushort> numbers, Span<ushort> to, int count)
    {
        Debug.Assert(bits <= byte.MaxValue && count + Width <= to.Length, "there is no room");
        Vector128<byte> move = Unsafe.Add(ref MemoryMarshal.GetReference(table), bits);
        Vector128.ShuffleNative(numbers.AsByte(), move).AsUInt16().StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)count);
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
