using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Spiking attention of whole sequences, forward, a head of a sequence at a time: packs spikes into bits and runs the kernels on them.</summary>
internal readonly struct SpikingAttentionHeads
{
    private readonly AttentionShape _shape;
    private readonly int _steps;
    private readonly CountNeuron _neuron;

    public SpikingAttentionHeads(AttentionShape shape, int steps, LifDynamics neuron)
    {
        (_shape, _steps) = (shape, steps);
        _neuron = CountNeuron.Of(neuron, steps, shape.HeadDim);
    }

    private int RowWords => BitRows.PaddedWords(_shape.Length);

    private int ItemWords => BitRows.Words(_shape.HeadDim);

    private int StepStride => _shape.Batch * _shape.Length * _shape.Width;

    /// <summary>One head.</summary>
    /// <param name="task">Sequence times heads plus head.</param>
    /// <param name="q">[steps, B, T, D]</param>
    /// <param name="k">[steps, B, T, D]</param>
    /// <param name="v">[steps, B, T, D]</param>
    /// <param name="o">[steps, B, T, D], overwritten in the columns of the head.</param>
    /// <param name="rate">[B, H, T, T], the map's mean over the steps; null when nobody asks.</param>
    /// <returns>Spikes of the map.</returns>
    public long Run(int task, Tensor q, Tensor k, Tensor v, Tensor o, Tensor? rate)
    {
        (int length, int p, int words, int items) = (_shape.Length, _shape.HeadDim, RowWords, ItemWords);
        int rowsLength = _steps * length * items, planesLength = _steps * p * words, mapLength = _steps * length * words;
        int mixing = SpikeMixing.ScratchWords(length, p, words);
        Span<ulong> scratch = MemoryMarshal.Cast<float, ulong>(ThreadScratch.Take(2 * (2 * rowsLength + 2 * planesLength + mapLength + mixing + 2 * length)));
        Span<ulong> rows = Cut(ref scratch, rowsLength), keys = Cut(ref scratch, rowsLength), planes = Cut(ref scratch, planesLength);
        Span<ulong> values = Cut(ref scratch, planesLength), map = Cut(ref scratch, mapLength);
        Span<int> first = MemoryMarshal.Cast<ulong, int>(Cut(ref scratch, length))[..length], end = MemoryMarshal.Cast<ulong, int>(Cut(ref scratch, length))[..length];
        Pack(q, task, rows);
        Transpose(rows, planes);
        Pack(v, task, rows);
        Transpose(rows, values);
        Pack(k, task, keys);
        FillSeen(_shape.FirstKeys(task / _shape.Heads), first, end);
        Simd.RunBits(new SpikeScores
        {
            Neuron = _neuron, Channels = p, Items = keys, ItemCount = length, Planes = planes, PlaneWords = words, PlaneStep = p * words, RowWords = words, First = first, End = end, Spikes = map,
        });
        for (int step = 0; step < _steps; step++)
        {
            Simd.RunBits(new SpikeMixing
            {
                Map = map.Slice(step * length * words, length * words), RowWords = words, Values = values.Slice(step * p * words, p * words), ValueWords = words,
                Keys = length, Queries = length, Channels = p, O = Head(o, step, task), Stride = _shape.Width, Scratch = scratch,
            });
        }

        if (rate is not null)
            Rate(map, rate.Values.Slice(task * length * length, length * length), scratch);
        return BitRows.Count(map);
    }

    private static Span<ulong> Cut(ref Span<ulong> scratch, int length)
    {
        Span<ulong> piece = scratch[..length];
        scratch = scratch[length..];
        return piece;
    }

    private Span<float> Head(Tensor tensor, int step, int task) =>
        _shape.Part(tensor.Values[(step * StepStride)..], task / _shape.Heads, task % _shape.Heads);

    private void Pack(Tensor spikes, int task, Span<ulong> rows)
    {
        int length = _shape.Length * ItemWords;
        for (int step = 0; step < _steps; step++)
            Simd.Run(new PackSpikeRows { Spikes = Head(spikes, step, task), Stride = _shape.Width, Bits = _shape.HeadDim, Rows = rows.Slice(step * length, length) });
    }

    private void Transpose(ReadOnlySpan<ulong> rows, Span<ulong> planes)
    {
        int length = _shape.Length * ItemWords, planesLength = _shape.HeadDim * RowWords;
        for (int step = 0; step < _steps; step++)
            BitRows.Transpose(rows.Slice(step * length, length), ItemWords, _shape.Length, _shape.HeadDim, planes.Slice(step * planesLength, planesLength), RowWords);
    }

    /// <summary>Which queries see each key: from its own place on, to the end of its document.</summary>
    private void FillSeen(ReadOnlySpan<int> firstKeys, Span<int> first, Span<int> end)
    {
        int past = _shape.Length;
        for (int key = _shape.Length - 1; key >= 0; key--)
        {
            while (!firstKeys.IsEmpty && firstKeys[past - 1] > key)
                past--;
            (first[key], end[key]) = (key, past);
        }
    }

    private void Rate(ReadOnlySpan<ulong> map, Span<float> rate, Span<ulong> scratch)
    {
        int length = _shape.Length, words = RowWords;
        Span<ulong> block = scratch[..BitRows.WordBits];
        rate.Clear();
        for (int step = 0; step < _steps; step++)
        {
            ReadOnlySpan<ulong> ofStep = map.Slice(step * length * words, length * words);
            for (int query = 0; query < length; query += BitRows.WordBits)
            {
                for (int key = 0; key < Math.Min(query + BitRows.WordBits, length); key += BitRows.WordBits)
                {
                    for (int i = 0; i < block.Length; i++)
                        block[i] = key + i < length ? ofStep[(key + i) * words + query / BitRows.WordBits] : 0;
                    BitRows.TransposeBlock(block);
                    for (int i = 0; i < Math.Min(BitRows.WordBits, length - query); i++)
                        AddBits(block[i], rate[((query + i) * length + key)..], 1f / _steps);
                }
            }
        }
    }

    private static void AddBits(ulong bits, Span<float> row, float share)
    {
        for (; bits != 0; bits &= bits - 1)
            row[System.Numerics.BitOperations.TrailingZeroCount(bits)] += share;
    }
}
