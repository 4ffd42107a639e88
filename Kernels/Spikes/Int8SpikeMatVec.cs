using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = s W for one row of integer spikes s and weights in bytes, by additions and subtractions alone, as
/// <see cref="SpikeMatVec{TCode, T}"/>, but in whole numbers of 16 bits, which takes half the instructions of floats: a sum holds as long as its spikes
/// come to at most <see cref="MostTogether"/>, which those of a token of a model of some hundred channels do; of more, sums of 32 bits are made on the
/// way. Sums are exact, so results are the same at every width as long as they stay below 2^24.
/// </summary>
public readonly ref struct Int8SpikeMatVec : IIntegerKernel
{
    private const int Size = 4;             // inputs that are read at once
    private const int Block = 64;           // outputs: two registers of the widest
    private const int MostTogether = 255;   // times a byte of at least -128 does not leave 16 bits

    /// <summary>A product of all active inputs.</summary>
    public Int8SpikeMatVec()
    {
    }

    /// <summary>[inputs + 1, stride], from an output on that is a multiple of 64; the last row is zeros.</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>Length of the vector, and the row of zeros.</summary>
    public required int Inputs { get; init; }

    /// <summary>Distance between the weights of neighbouring inputs, a multiple of 64; what is beyond the last output may be anything.</summary>
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

    /// <summary>Room that the kernel needs: a sum of 32 bits for each output, and two of 16.</summary>
    public static int ScratchLength(int outputs) => 2 * Padded(outputs);

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int padded = Padded(Y.Length);
        Debug.Assert(Ends.Length / 2 <= MostTogether, "a level does not fit 16 bits");
        Debug.Assert(Stride % Block == 0 && Weight.Length >= Inputs * Stride + padded, "rows are not filled up");
        Span<short> running = MemoryMarshal.Cast<float, short>(Scratch[..(padded / 2)]), sums = MemoryMarshal.Cast<float, short>(Scratch.Slice(padded / 2, padded / 2));
        Span<int> totals = MemoryMarshal.Cast<float, int>(Scratch.Slice(padded, padded));
        running.Clear();
        sums.Clear();
        int together = 0;
        bool spilled = false;
        for (int run = 0; run < Ends.Length; run++)
        {
            int level = (Ends.Length - run + 1) / 2, at = Bound(run, Part), end = Bound(run, Part + 1);
            while (at < end)
            {
                int count = Math.Min((MostTogether - together) / level, end - at);
                if (count == 0)
                {
                    for (int levels = level; levels > 0; levels--)
                        Add<I>(running, sums);
                    running.Clear();
                    if (!spilled)
                        totals.Clear();
                    Spill<I>(sums, totals);
                    sums.Clear();
                    (spilled, together) = (true, 0);
                    continue;
                }

                if (run % 2 == 0)
                    AddRun<I, Up>(at, at + count, running);
                else
                    AddRun<I, Down>(at, at + count, running);
                together += count * level;
                at += count;
            }

            // What has been met by now is met once more at each level below.
            if (run % 2 == 1 && together > 0)
                Add<I>(running, sums);
        }

        if (spilled)
        {
            Spill<I>(sums, totals);
            TensorPrimitives.ConvertChecked(totals[..Y.Length], Y);
        }
        else
        {
            Convert<I>(sums, Y);
        }
    }

    /// <summary>Outputs with those that fill the last block.</summary>
    private static int Padded(int outputs) => (outputs + Block - 1) / Block * Block;

    /// <summary>Where a share of a run begins.</summary>
    private int Bound(int run, int share)
    {
        int start = run == 0 ? 0 : Ends[run - 1];
        return start + (Ends[run] - start) * share / Parts;
    }

    /// <summary>sums += running</summary>
    private static void Add<I>(ReadOnlySpan<short> running, Span<short> sums)
        where I : struct, IIntegerLanes<I>
    {
        for (int i = 0; i < sums.Length; i += I.Count)
            I.Store(I.Load(sums, i) + I.Load(running, i), sums, i);
    }

    /// <summary>y = sums, as floats</summary>
    private static void Convert<I>(ReadOnlySpan<short> sums, Span<float> y)
        where I : struct, IIntegerLanes<I>
    {
        int i = 0;
        for (; i <= y.Length - I.Count; i += I.Count)
            I.StoreFloats(I.Load(sums, i), y, i);
        for (; i < y.Length; i++)
            y[i] = sums[i];
    }

    /// <summary>totals += sums</summary>
    private static void Spill<I>(ReadOnlySpan<short> sums, Span<int> totals)
        where I : struct, IIntegerLanes<I>
    {
        for (int i = 0; i < sums.Length; i += I.Count)
            I.AddWide(I.Load(sums, i), totals, i);
    }

    /// <summary>
    /// Active inputs of one sign, four at a time and zeros for those that are not there, while the weights of the next four are asked for: they lie
    /// anywhere, which no processor foresees.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRun<I, TSign>(int at, int end, Span<short> y)
        where I : struct, IIntegerLanes<I>
        where TSign : struct, ISign
    {
        ReadOnlySpan<sbyte> weight = Weight;
        ReadOnlySpan<ushort> indices = Indices;
        int stride = Stride, last = indices.Length - 1, n = I.Count, length = y.Length;
        for (; at < end - 1; at += Size)
        {
            int a = indices[at] * stride, b = (at + 1 < end ? indices[at + 1] : Inputs) * stride;
            int c = (at + 2 < end ? indices[at + 2] : Inputs) * stride, d = (at + 3 < end ? indices[at + 3] : Inputs) * stride;
            int nextA = indices[Math.Min(at + 4, last)] * stride, nextB = indices[Math.Min(at + 5, last)] * stride;
            int nextC = indices[Math.Min(at + 6, last)] * stride, nextD = indices[Math.Min(at + 7, last)] * stride;
            for (int i = 0; i < length; i += 2 * n)
            {
                Prefetch.Line(weight, nextA + i);
                Prefetch.Line(weight, nextB + i);
                Prefetch.Line(weight, nextC + i);
                Prefetch.Line(weight, nextD + i);
                I first = (I.Widen(weight, a + i) + I.Widen(weight, b + i)) + (I.Widen(weight, c + i) + I.Widen(weight, d + i));
                I.Store(TSign.Add(I.Load(y, i), first), y, i);
                int j = i + n;
                I second = (I.Widen(weight, a + j) + I.Widen(weight, b + j)) + (I.Widen(weight, c + j) + I.Widen(weight, d + j));
                I.Store(TSign.Add(I.Load(y, j), second), y, j);
            }
        }

        if (at == end - 1)
        {
            // One alone, as high levels have them.
            for (int a = indices[at] * stride, i = 0; i < length; i += n)
                I.Store(TSign.Add(I.Load(y, i), I.Widen(weight, a + i)), y, i);
        }
    }

    private interface ISign
    {
        static abstract I Add<I>(I sum, I weights)
            where I : struct, IIntegerLanes<I>;
    }

    private readonly struct Up : ISign
    {
        public static I Add<I>(I sum, I weights)
            where I : struct, IIntegerLanes<I> => sum + weights;
    }

    private readonly struct Down : ISign
    {
        public static I Add<I>(I sum, I weights)
            where I : struct, IIntegerLanes<I> => sum - weights;
    }
}
