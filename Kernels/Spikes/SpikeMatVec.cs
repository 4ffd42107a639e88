using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = s W for one row of integer spikes s, by additions and subtractions alone: the weights of active inputs are added to a
/// running sum by falling |s|, and the running sum is added to y once per level, so that an input met at level k is
/// counted k times. One addition per active input and output, and D more per output. Four active inputs are read at once, in whole rows, while
/// the weights of the next four are asked for.
/// </summary>
/// <remarks>
/// Two forms that keep sums in registers, and read some columns of all active inputs or of a batch of them in the second-level cache, computed
/// twice as fast and were slower: memory delivers short pieces of rows at less than half of its speed.
/// </remarks>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct SpikeMatVec<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    private const int LineBytes = 64;

    /// <summary>A product of all active inputs.</summary>
    public SpikeMatVec()
    {
    }

    /// <summary>[inputs, stride], from the first output on.</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>Distance between the weights of neighbouring inputs.</summary>
    public required int Stride { get; init; }

    /// <summary>Active inputs, from <see cref="SpikeEvents.Indices"/>.</summary>
    public required ReadOnlySpan<ushort> Indices { get; init; }

    /// <summary>Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>Which share of the active inputs is added, from 0 on.</summary>
    public int Part { get; init; }

    /// <summary>How many shares there are; their results add up to the product.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>[outputs], overwritten: sums over the levels; not used with one level.</summary>
    public required Span<float> Running { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        bool hasLevels = Ends.Length > 2;
        Y.Clear();
        Span<float> running = hasLevels ? Running[..Y.Length] : Y;
        running.Clear();
        SpikeGroups groups = new(Indices, Ends, Part, Parts);
        while (groups.MoveNext())
        {
            if (groups.Count == SpikeGroups.Size)
                AddFour<L>(groups, running);
            else
                AddEach<L>(groups, running);
            for (int level = hasLevels ? groups.LevelsEnded : 0; level > 0; level--)
                AddLevel<Lanes1>(running, AddLevel<L>(running, 0));
        }
    }

    private int AddLevel<L>(ReadOnlySpan<float> running, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= Y.Length - L.Count; i += L.Count)
            L.Store(L.Load(Y, i) + L.Load(running, i), Y, i);
        return i;
    }

    private void AddFour<L>(SpikeGroups groups, Span<float> y)
        where L : struct, ILanes<L>
    {
        switch (groups.Positive)
        {
            case 0:
                AddFour<L, NoneUp>(groups, y);
                break;
            case 1:
                AddFour<L, OneUp>(groups, y);
                break;
            case 2:
                AddFour<L, TwoUp>(groups, y);
                break;
            case 3:
                AddFour<L, ThreeUp>(groups, y);
                break;
            default:
                AddFour<L, AllUp>(groups, y);
                break;
        }
    }

    private void AddFour<L, TSigns>(SpikeGroups groups, Span<float> y)
        where L : struct, ILanes<L>
        where TSigns : struct, ISpikeSigns
    {
        ReadOnlySpan<T> a = Row(groups.Input(0)), b = Row(groups.Input(1)), c = Row(groups.Input(2)), d = Row(groups.Input(3));
        int i = AddFour<L, TSigns>(a, b, c, d, Row(groups.Next(0)), Row(groups.Next(1)), Row(groups.Next(2)), Row(groups.Next(3)), y);
        for (; i < y.Length; i++)
            Add<Lanes1, TSigns>(a, b, c, d, y, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddFour<L, TSigns>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, ReadOnlySpan<T> c, ReadOnlySpan<T> d,
        ReadOnlySpan<T> nextA, ReadOnlySpan<T> nextB, ReadOnlySpan<T> nextC, ReadOnlySpan<T> nextD, Span<float> y)
        where L : struct, ILanes<L>
        where TSigns : struct, ISpikeSigns
    {
        int i = 0, n = L.Count, line = Math.Max(LineBytes / Unsafe.SizeOf<T>(), n);
        while (i <= y.Length - line)
        {
            Prefetch.Line(nextA, i);
            Prefetch.Line(nextB, i);
            Prefetch.Line(nextC, i);
            Prefetch.Line(nextD, i);
            for (int end = i + line; i < end; i += n)
                Add<L, TSigns>(a, b, c, d, y, i);
        }

        for (; i <= y.Length - n; i += n)
            Add<L, TSigns>(a, b, c, d, y, i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<L, TSigns>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, ReadOnlySpan<T> c, ReadOnlySpan<T> d, Span<float> y, int i)
        where L : struct, ILanes<L>
        where TSigns : struct, ISpikeSigns =>
        L.Store(TSigns.Add(L.Load(y, i), TCode.Load<L>(a, i), TCode.Load<L>(b, i), TCode.Load<L>(c, i), TCode.Load<L>(d, i)), y, i);

    private void AddEach<L>(SpikeGroups groups, Span<float> y)
        where L : struct, ILanes<L>
    {
        for (int position = 0; position < groups.Count; position++)
        {
            ReadOnlySpan<T> weight = Row(groups.Input(position));
            bool up = position < groups.Positive;
            AddOne<Lanes1>(weight, up, y, AddOne<L>(weight, up, y, 0));
        }
    }

    private static int AddOne<L>(ReadOnlySpan<T> weight, bool up, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= y.Length - L.Count; i += L.Count)
        {
            L sum = L.Load(y, i), w = TCode.Load<L>(weight, i);
            L.Store(up ? sum + w : sum - w, y, i);
        }

        return i;
    }

    private ReadOnlySpan<T> Row(int input) => Weight.Slice(input * Stride, Y.Length);
}
