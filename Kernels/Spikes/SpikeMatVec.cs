using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = s W for one row of integer spikes s, by additions and subtractions alone: the weights of active inputs are added to a
/// running sum by falling |s|, and the running sum is added to y once per level, so that an input met at level k is
/// counted k times. One addition per active input and output, and D more per output. Four active inputs are read at once,
/// as in <see cref="MatVec{TCode, T}"/>.
/// </summary>
/// <typeparam name="TCode">How the weight is stored; bytes are added as whole numbers, exactly while the sum is below 2^24.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct SpikeMatVec<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    private const int Streams = 4;

    /// <summary>[inputs, stride], from the first output on.</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>Distance between the weights of neighbouring inputs.</summary>
    public required int Stride { get; init; }

    /// <summary>Active inputs, from <see cref="SpikeEvents.Indices"/>.</summary>
    public required ReadOnlySpan<ushort> Indices { get; init; }

    /// <summary>Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>[outputs], overwritten: sums over the levels; not used with one level.</summary>
    public required Span<float> Running { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Y.Clear();
        Span<float> running = Ends.Length == 2 ? Y : Running[..Y.Length];
        running.Clear();
        int start = 0;
        for (int run = 0; run < Ends.Length; run += 2)
        {
            int middle = Ends[run], end = Ends[run + 1];
            AddRun<L, Positive>(Indices[start..middle], running);
            AddRun<L, Negative>(Indices[middle..end], running);
            start = end;

            // Nothing has been active at this level or above: nothing to add.
            if (end > 0 && Ends.Length > 2)
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

    private void AddRun<L, TSign>(ReadOnlySpan<ushort> inputs, Span<float> y)
        where L : struct, ILanes<L>
        where TSign : struct, ISign
    {
        int input = 0;
        for (; input <= inputs.Length - Streams; input += Streams)
            AddFour<Lanes1, TSign>(inputs.Slice(input, Streams), y, AddFour<L, TSign>(inputs.Slice(input, Streams), y, 0));
        for (; input < inputs.Length; input++)
            AddOne<Lanes1, TSign>(inputs[input], y, AddOne<L, TSign>(inputs[input], y, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AddFour<L, TSign>(ReadOnlySpan<ushort> inputs, Span<float> y, int i)
        where L : struct, ILanes<L>
        where TSign : struct, ISign
    {
        ReadOnlySpan<T> a = Row(inputs[0], y), b = Row(inputs[1], y), c = Row(inputs[2], y), d = Row(inputs[3], y);
        int n = L.Count;
        for (; i <= y.Length - 2 * n; i += 2 * n)
        {
            L even = TCode.Load<L>(a, i) + TCode.Load<L>(b, i), odd = TCode.Load<L>(a, i + n) + TCode.Load<L>(b, i + n);
            even += TCode.Load<L>(c, i) + TCode.Load<L>(d, i);
            odd += TCode.Load<L>(c, i + n) + TCode.Load<L>(d, i + n);
            L.Store(TSign.Add(L.Load(y, i), even), y, i);
            L.Store(TSign.Add(L.Load(y, i + n), odd), y, i + n);
        }

        for (; i <= y.Length - n; i += n)
        {
            L sum = TCode.Load<L>(a, i) + TCode.Load<L>(b, i) + (TCode.Load<L>(c, i) + TCode.Load<L>(d, i));
            L.Store(TSign.Add(L.Load(y, i), sum), y, i);
        }

        return i;
    }

    private int AddOne<L, TSign>(int input, Span<float> y, int i)
        where L : struct, ILanes<L>
        where TSign : struct, ISign
    {
        ReadOnlySpan<T> weight = Row(input, y);
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(TSign.Add(L.Load(y, i), TCode.Load<L>(weight, i)), y, i);
        return i;
    }

    private ReadOnlySpan<T> Row(int input, Span<float> y) => Weight.Slice(input * Stride, y.Length);

    /// <summary>What active inputs do to a sum.</summary>
    private interface ISign
    {
        static abstract L Add<L>(L sum, L weights)
            where L : struct, ILanes<L>;
    }

    private readonly struct Positive : ISign
    {
        public static L Add<L>(L sum, L weights)
            where L : struct, ILanes<L> => sum + weights;
    }

    private readonly struct Negative : ISign
    {
        public static L Add<L>(L sum, L weights)
            where L : struct, ILanes<L> => sum - weights;
    }
}
