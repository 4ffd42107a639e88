using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>Where a value stands first in a series that has it. Not-a-number is found, 0 and -0 are equal.</summary>
internal static class FirstIndex
{
    /// <summary>Widest register; room for that many indices is enough for any width.</summary>
    public const int MaxLanes = 16;

    private const int MaxExactFloat = 1 << 24;

    /// <summary>In contiguous elements.</summary>
    public static int Row<L>(ReadOnlySpan<float> x, float value)
        where L : struct, ILanes<L>
    {
        int i = 0;
        uint all = uint.MaxValue >> (32 - L.Count);
        L wanted = L.Splat(value);
        for (; !float.IsNaN(value) && i <= x.Length - L.Count; i += L.Count)
        {
            L element = L.Load(x, i);
            uint different = L.Bits(L.LessThan(element, wanted)) | L.Bits(L.LessThan(wanted, element));
            if ((different & all) != all)
            {
                // Not-a-number is neither smaller nor larger, and not equal: leave such a place to the plain search.
                int at = i + BitOperations.TrailingZeroCount(~different);
                return x[at] == value ? at : at + x[at..].IndexOf(value);
            }
        }

        return i + x[i..].IndexOf(value);
    }

    /// <summary>In the series of the columns from j on, as many as a register has.</summary>
    /// <param name="x">[length, inner]</param>
    /// <param name="slab">The shape.</param>
    /// <param name="values">What is wanted in each column.</param>
    /// <param name="j">First column.</param>
    /// <param name="index">One for each of these columns.</param>
    public static void Columns<L>(ReadOnlySpan<float> x, Slab slab, ReadOnlySpan<float> values, int j, Span<int> index)
        where L : struct, ILanes<L>
    {
        Span<float> found = stackalloc float[MaxLanes];
        bool exact = slab.Length <= MaxExactFloat;
        if (exact)
        {
            // From the end, so that the first one is the last to be noted.
            L wanted = L.Load(values, j), at = L.Zero;
            for (int i = slab.Length - 1; i >= 0; i--)
            {
                L element = L.Load(x, i * slab.Inner + j);
                at = L.Select(L.LessThan(element, wanted), at, L.Select(L.LessThan(wanted, element), at, L.Splat(i)));
            }

            L.Store(at, found, 0);
        }

        for (int lane = 0; lane < L.Count; lane++)
        {
            int i = exact && !float.IsNaN(values[j + lane]) ? (int)found[lane] : 0;
            while (!x[i * slab.Inner + j + lane].Equals(values[j + lane]))
                i++;
            index[lane] = i;
        }
    }
}
