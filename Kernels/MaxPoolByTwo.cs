namespace SpikeEngine.Kernels;

/// <summary>
/// The usual case of max pooling, windows of 2 x 2 side by side over rows of even length: columns are parted into even and odd ones for all rows
/// of a plane at once, and registers run over what would be short rows. The same bits as tap by tap.
/// </summary>
internal static class MaxPoolByTwo
{
    /// <summary>Whether a window is that.</summary>
    internal static bool Takes(Window2d window) =>
        window.Kernel == 2 && window.Stride == 2 && window.Padding == default && window.Dilation == 1 && window.Width % 2 == 0;

    /// <summary>Floats that <see cref="Forward"/> needs.</summary>
    internal static int ForwardScratch(Window2d window) => 2 * HalfLength(window);

    /// <summary>Floats that <see cref="Backward"/> needs.</summary>
    internal static int BackwardScratch(Window2d window) => 6 * HalfLength(window) + window.OutWidth;

    /// <summary>y = the largest of each window, of one plane.</summary>
    internal static void Forward<L>(Window2d window, ReadOnlySpan<float> x, Span<float> y, Span<float> scratch)
        where L : struct, ILanes<L>
    {
        int width = window.OutWidth, half = HalfLength(window);
        ScratchCutter cutter = new(scratch);
        Span<float> evens = cutter.Take(half), odds = cutter.Take(half);
        Pairs.Split<L>(x[..(2 * half)], evens, odds);
        Max<L>(evens, odds, evens);
        for (int row = 0; row < window.OutHeight; row++)
            Max<L>(evens.Slice(2 * row * width, width), evens.Slice((2 * row + 1) * width, width), y.Slice(row * width, width));
    }

    /// <summary>grad_x at the first largest of each window += grad_y, of one plane.</summary>
    internal static void Backward<L>(
        Window2d window, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX, Span<float> scratch)
        where L : struct, ILanes<L>
    {
        int width = window.OutWidth, half = HalfLength(window);
        ScratchCutter cutter = new(scratch);
        Span<float> evens = cutter.Take(half), odds = cutter.Take(half), toEvens = cutter.Take(half), toOdds = cutter.Take(half);
        Span<float> both = cutter.Take(2 * half), rest = cutter.Take(width);
        Pairs.Split<L>(x[..(2 * half)], evens, odds);
        for (int row = 0; row < window.OutHeight; row++)
        {
            ReadOnlySpan<float> most = y.Slice(row * width, width);
            gradY.Slice(row * width, width).CopyTo(rest);
            for (int at = 2 * row * width; at <= (2 * row + 1) * width; at += width)
            {
                Take<L>(evens.Slice(at, width), most, rest, toEvens.Slice(at, width));
                Take<L>(odds.Slice(at, width), most, rest, toOdds.Slice(at, width));
            }
        }

        Pairs.Join<L>(toEvens, toOdds, both);
        new AddScaled { X = both, Y = gradX[..both.Length] }.Run<L>();
    }

    /// <summary>Elements in even columns, or in odd ones, of the rows that windows reach: of an odd number of rows not the last.</summary>
    private static int HalfLength(Window2d window) => 2 * window.OutHeight * window.OutWidth;

    private static void Max<L>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> to)
        where L : struct, ILanes<L>
    {
        int done = MaxFrom<L>(a, b, to, 0);
        if (L.Count > Lanes8.Count)
            done = MaxFrom<Lanes8>(a, b, to, done);
        if (L.Count > Lanes4.Count)
            done = MaxFrom<Lanes4>(a, b, to, done);
        MaxFrom<Lanes1>(a, b, to, done);
    }

    private static int MaxFrom<L>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> to, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= to.Length - L.Count; p += L.Count)
        {
            // Max gives the second when that is no number; a first that is none, and so not itself, stays.
            L first = L.Load(a, p);
            L.Store(L.Select(L.Equal(first, first), L.Max(first, L.Load(b, p)), first), to, p);
        }

        return p;
    }

    /// <summary>Whoever is not below the largest takes what is left: all of it, or nothing after the first.</summary>
    private static void Take<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> most, Span<float> rest, Span<float> share)
        where L : struct, ILanes<L>
    {
        int done = TakeFrom<L>(x, most, rest, share, 0);
        if (L.Count > Lanes8.Count)
            done = TakeFrom<Lanes8>(x, most, rest, share, done);
        if (L.Count > Lanes4.Count)
            done = TakeFrom<Lanes4>(x, most, rest, share, done);
        TakeFrom<Lanes1>(x, most, rest, share, done);
    }

    private static int TakeFrom<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> most, Span<float> rest, Span<float> share, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= most.Length - L.Count; p += L.Count)
        {
            L left = L.Load(rest, p), taken = L.Select(L.LessThan(L.Load(x, p), L.Load(most, p)), L.Zero, left);
            L.Store(left - taken, rest, p);
            L.Store(taken, share, p);
        }

        return p;
    }
}
