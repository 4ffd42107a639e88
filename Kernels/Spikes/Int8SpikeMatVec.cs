using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = s W for one row of integer spikes s and weights in bytes, by additions and subtractions alone, as
/// <see cref="SpikeMatVec{TCode, T}"/>, but in whole numbers: bytes are added in 16 bits, as many at a time as cannot leave them, which takes
/// half the instructions of floats. Sums are exact, so results are the same at every width as long as they stay below 2^24.
/// </summary>
public readonly ref struct Int8SpikeMatVec : IIntegerKernel
{
    private const int LineBytes = 64;
    private const int MostTogether = 252;   // so many bytes, of at least -128, do not leave 16 bits; whole groups

    /// <summary>A product of all active inputs.</summary>
    public Int8SpikeMatVec()
    {
    }

    /// <summary>[inputs, stride], from the first output on.</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

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

    /// <summary><see cref="ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Room that the kernel needs: two sums of 32 bits for each output, and one of 16.</summary>
    public static int ScratchLength(int outputs) => 2 * outputs + (outputs + 1) / 2;

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int outputs = Y.Length, together = 0;
        Span<int> sums = MemoryMarshal.Cast<float, int>(Scratch[..outputs]), running = MemoryMarshal.Cast<float, int>(Scratch.Slice(outputs, outputs));
        Span<short> batch = MemoryMarshal.Cast<float, short>(Scratch[(2 * outputs)..])[..outputs];
        sums.Clear();
        running.Clear();
        batch.Clear();
        SpikeGroups groups = new(Indices, Ends, Part, Parts);
        while (groups.MoveNext())
        {
            if (together + SpikeGroups.Size > MostTogether)
            {
                Widen<I>(batch, running);
                together = 0;
            }

            together += groups.Count;
            if (groups.Count == SpikeGroups.Size)
                AddFour<I>(groups, batch);
            else
                AddEach<I>(groups, batch);

            if (groups.LevelsEnded is var levels and > 0)
            {
                Widen<I>(batch, running);
                together = 0;
                for (; levels > 0; levels--)
                    TensorPrimitives.Add(sums, running, sums);
            }
        }

        TensorPrimitives.ConvertChecked(sums, Y);
    }

    /// <summary>Sums of 16 bits to those of 32, and from zero again.</summary>
    private static void Widen<I>(Span<short> batch, Span<int> running)
        where I : struct, IIntegerLanes<I>
    {
        int i = 0;
        for (; i <= batch.Length - I.Count; i += I.Count)
            I.AddWide(I.Load(batch, i), running, i);
        for (; i < batch.Length; i++)
            running[i] += batch[i];
        batch.Clear();
    }

    private void AddFour<I>(SpikeGroups groups, Span<short> y)
        where I : struct, IIntegerLanes<I>
    {
        switch (groups.Positive)
        {
            case 0:
                AddFour<I, NoneUp>(groups, y);
                break;
            case 1:
                AddFour<I, OneUp>(groups, y);
                break;
            case 2:
                AddFour<I, TwoUp>(groups, y);
                break;
            case 3:
                AddFour<I, ThreeUp>(groups, y);
                break;
            default:
                AddFour<I, AllUp>(groups, y);
                break;
        }
    }

    private void AddFour<I, TSigns>(SpikeGroups groups, Span<short> y)
        where I : struct, IIntegerLanes<I>
        where TSigns : struct, ISpikeSigns
    {
        ReadOnlySpan<sbyte> a = Row(groups.Input(0)), b = Row(groups.Input(1)), c = Row(groups.Input(2)), d = Row(groups.Input(3));
        int i = AddFour<I, TSigns>(a, b, c, d, Row(groups.Next(0)), Row(groups.Next(1)), Row(groups.Next(2)), Row(groups.Next(3)), y);
        for (; i < y.Length; i++)
            y[i] = (short)TSigns.Add(y[i], a[i], b[i], c[i], d[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddFour<I, TSigns>(
        ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b, ReadOnlySpan<sbyte> c, ReadOnlySpan<sbyte> d,
        ReadOnlySpan<sbyte> nextA, ReadOnlySpan<sbyte> nextB, ReadOnlySpan<sbyte> nextC, ReadOnlySpan<sbyte> nextD, Span<short> y)
        where I : struct, IIntegerLanes<I>
        where TSigns : struct, ISpikeSigns
    {
        int i = 0, n = I.Count;
        while (i <= y.Length - LineBytes)
        {
            Prefetch.Line(nextA, i);
            Prefetch.Line(nextB, i);
            Prefetch.Line(nextC, i);
            Prefetch.Line(nextD, i);
            for (int end = i + LineBytes; i < end; i += n)
                Add<I, TSigns>(a, b, c, d, y, i);
        }

        for (; i <= y.Length - n; i += n)
            Add<I, TSigns>(a, b, c, d, y, i);
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<I, TSigns>(
        ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b, ReadOnlySpan<sbyte> c, ReadOnlySpan<sbyte> d, Span<short> y, int i)
        where I : struct, IIntegerLanes<I>
        where TSigns : struct, ISpikeSigns =>
        I.Store(TSigns.AddIntegers(I.Load(y, i), I.Widen(a, i), I.Widen(b, i), I.Widen(c, i), I.Widen(d, i)), y, i);

    private void AddEach<I>(SpikeGroups groups, Span<short> y)
        where I : struct, IIntegerLanes<I>
    {
        for (int position = 0; position < groups.Count; position++)
            AddOne<I>(Row(groups.Input(position)), position < groups.Positive, y);
    }

    private static void AddOne<I>(ReadOnlySpan<sbyte> weight, bool up, Span<short> y)
        where I : struct, IIntegerLanes<I>
    {
        int i = 0;
        for (; i <= y.Length - I.Count; i += I.Count)
        {
            I sum = I.Load(y, i), w = I.Widen(weight, i);
            I.Store(up ? sum + w : sum - w, y, i);
        }

        for (; i < y.Length; i++)
            y[i] += up ? weight[i] : (short)-weight[i];
    }

    private ReadOnlySpan<sbyte> Row(int input) => Weight.Slice(input * Stride, Y.Length);
}
