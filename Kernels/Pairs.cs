using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>Numbers at even and at odd places: apart, and together again. Nothing is computed, so the width of registers changes nothing.</summary>
internal static class Pairs
{
    private const int OddHalf = 32;   // bits: of a pair in one number, the one at the even place is below

    /// <summary>evens[i] = from[2 i], odds[i] = from[2 i + 1]</summary>
    internal static void Split<L>(ReadOnlySpan<float> from, Span<float> evens, Span<float> odds)
        where L : struct, ILanes<L>
    {
        Debug.Assert(from.Length >= 2 * evens.Length && odds.Length >= evens.Length, "too short");
        int done = L.Count switch
        {
            16 => Split512(from, evens, odds),
            8 => Split256(from, evens, odds),
            _ => 0,
        };
        for (; done < evens.Length; done++)
            (evens[done], odds[done]) = (from[2 * done], from[2 * done + 1]);
    }

    /// <summary>to[2 i] = evens[i], to[2 i + 1] = odds[i]</summary>
    internal static void Join<L>(ReadOnlySpan<float> evens, ReadOnlySpan<float> odds, Span<float> to)
        where L : struct, ILanes<L>
    {
        Debug.Assert(odds.Length >= evens.Length && to.Length >= 2 * evens.Length, "too short");
        int done = L.Count switch
        {
            16 => Join512(evens, odds, to),
            8 => Join256(evens, odds, to),
            _ => 0,
        };
        for (; done < evens.Length; done++)
            (to[2 * done], to[2 * done + 1]) = (evens[done], odds[done]);
    }

    private static int Split512(ReadOnlySpan<float> from, Span<float> evens, Span<float> odds)
    {
        int i = 0;
        for (; i <= evens.Length - 16; i += 16)
        {
            Vector512<ulong> low = Load512(from, 2 * i).AsUInt64(), high = Load512(from, 2 * i + 16).AsUInt64();
            Vector512.Narrow(low, high).AsSingle().StoreUnsafe(ref Start(evens), (nuint)i);
            Vector512.Narrow(low >>> OddHalf, high >>> OddHalf).AsSingle().StoreUnsafe(ref Start(odds), (nuint)i);
        }

        return i;
    }

    private static int Split256(ReadOnlySpan<float> from, Span<float> evens, Span<float> odds)
    {
        int i = 0;
        for (; i <= evens.Length - 8; i += 8)
        {
            Vector256<ulong> low = Load256(from, 2 * i).AsUInt64(), high = Load256(from, 2 * i + 8).AsUInt64();
            Vector256.Narrow(low, high).AsSingle().StoreUnsafe(ref Start(evens), (nuint)i);
            Vector256.Narrow(low >>> OddHalf, high >>> OddHalf).AsSingle().StoreUnsafe(ref Start(odds), (nuint)i);
        }

        return i;
    }

    private static int Join512(ReadOnlySpan<float> evens, ReadOnlySpan<float> odds, Span<float> to)
    {
        int i = 0;
        for (; i <= evens.Length - 16; i += 16)
        {
            Vector512<uint> even = Load512(evens, i).AsUInt32(), odd = Load512(odds, i).AsUInt32();
            (Vector512.WidenLower(even) | Vector512.WidenLower(odd) << OddHalf).AsSingle().StoreUnsafe(ref Start(to), (nuint)(2 * i));
            (Vector512.WidenUpper(even) | Vector512.WidenUpper(odd) << OddHalf).AsSingle().StoreUnsafe(ref Start(to), (nuint)(2 * i + 16));
        }

        return i;
    }

    private static int Join256(ReadOnlySpan<float> evens, ReadOnlySpan<float> odds, Span<float> to)
    {
        int i = 0;
        for (; i <= evens.Length - 8; i += 8)
        {
            Vector256<uint> even = Load256(evens, i).AsUInt32(), odd = Load256(odds, i).AsUInt32();
            (Vector256.WidenLower(even) | Vector256.WidenLower(odd) << OddHalf).AsSingle().StoreUnsafe(ref Start(to), (nuint)(2 * i));
            (Vector256.WidenUpper(even) | Vector256.WidenUpper(odd) << OddHalf).AsSingle().StoreUnsafe(ref Start(to), (nuint)(2 * i + 8));
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load512(ReadOnlySpan<float> from, int index) => Vector512.Create(from[index..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load256(ReadOnlySpan<float> from, int index) => Vector256.Create(from[index..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float Start(Span<float> to) => ref MemoryMarshal.GetReference(to);
}
