using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// Spiking attention of whole sequences, forward: spikes are packed into bits, row by row as they lie, and the kernels run on those, a head of a sequence at a
/// time.
/// </summary>
internal readonly struct SpikingAttentionHeads
{
    private const int PackGrain = 16;   // tokens
    private const int LineWords = 8;    // of a cache line

    private readonly AttentionShape _shape;
    private readonly int _steps;
    private readonly CountNeuron _neuron;
    private readonly Memory<float> _q, _k, _v;   // words, [steps, B, T, H, words of P]

    /// <summary>Packs on all threads.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="neuron">The neuron of the map.</param>
    /// <param name="q">[steps, B, T, D] of 0 and 1.</param>
    /// <param name="k">[steps, B, T, D]</param>
    /// <param name="v">[steps, B, T, D]</param>
    /// <param name="mark">Gives the memory of the bits back.</param>
    /// <exception cref="ArgumentException">A number is neither 0 nor 1.</exception>
    public SpikingAttentionHeads(AttentionShape shape, LifDynamics neuron, Tensor q, Tensor k, Tensor v, out Workspace.Mark mark)
    {
        (_shape, _steps) = (shape, q.Shape[0]);
        _neuron = CountNeuron.Of(neuron, _steps, shape.HeadDim);
        int floats = 2 * q.Rows * shape.Heads * BitRows.Words(shape.HeadDim);
        _q = Workspace.RentTemporary(floats, out mark);
        _k = Workspace.RentTemporary(floats, out _);
        _v = Workspace.RentTemporary(floats, out _);
        if (Pack(q, _q) && Pack(k, _k) && Pack(v, _v))
            return;
        mark.Release();
        RequireSpikes(q, nameof(q));
        RequireSpikes(k, nameof(k));
        RequireSpikes(v, nameof(v));
    }

    private int RowWords => BitRows.PaddedWords(_shape.Length);

    private int ItemWords => BitRows.Words(_shape.HeadDim);

    /// <summary>One head.</summary>
    /// <param name="task">Sequence times heads plus head.</param>
    /// <param name="o">[steps, B, T, D], overwritten in the columns of the head; null for leaving the sums as bits, which is what takes the time of attention alone.</param>
    /// <param name="rate">[B, H, T, T], the map's mean over the steps; null when nobody asks.</param>
    /// <returns>Spikes of the map; 0 when the sums are left as bits.</returns>
    public long Run(int task, Tensor? o, Tensor? rate = null)
    {
        (int length, int p, int words, int items) = (_shape.Length, _shape.HeadDim, RowWords, ItemWords);
        int rowsLength = _steps * length * items, planesLength = _steps * p * words, mapLength = _steps * length * words, digits = SpikeMixing.Digits(length);
        int sumsLength = p * digits * words, tileLength = p * BitRows.WordBits / 2;
        Span<ulong> scratch = MemoryMarshal.Cast<float, ulong>(ThreadScratch.Take(
            2 * (Lines(rowsLength) + 2 * Lines(planesLength) + Lines(mapLength) + Lines(sumsLength) + Lines(tileLength) + 2 * Lines(length))));
        Span<ulong> keys = Cut(ref scratch, rowsLength), planes = Cut(ref scratch, planesLength);
        Span<ulong> values = Cut(ref scratch, planesLength), map = Cut(ref scratch, mapLength), sums = Cut(ref scratch, sumsLength);
        Span<float> tile = MemoryMarshal.Cast<ulong, float>(Cut(ref scratch, tileLength));
        Span<int> first = MemoryMarshal.Cast<ulong, int>(Cut(ref scratch, length))[..length], end = MemoryMarshal.Cast<ulong, int>(Cut(ref scratch, length))[..length];
        Take(_q, task, keys);
        Transpose(keys, planes);
        Take(_v, task, keys);
        Transpose(keys, values);
        Take(_k, task, keys);
        FillSeen(_shape.FirstKeys(task / _shape.Heads), first, end);
        Simd.RunBits(new SpikeScores
        {
            Neuron = _neuron, Channels = p, Items = keys, ItemCount = length, Planes = planes, PlaneWords = words, PlaneStep = p * words, RowWords = words,
            First = first, End = end, Spikes = map,
        });
        for (int step = 0; step < _steps; step++)
        {
            // Which queries see a key is known by now, and its memory is as long as the list of active keys.
            Simd.RunBits(new SpikeMixing
            {
                Map = map.Slice(step * length * words, length * words), RowWords = words, Values = values.Slice(step * p * words, p * words), ValueWords = words,
                Keys = length, Channels = p, Sums = sums, Scratch = first,
            });
            if (o is not null)
            {
                Simd.Run(new SumsToFloats
                {
                    Sums = sums, Digits = digits, RowWords = words, Queries = length, Channels = p, Stride = _shape.Width, Scratch = tile,
                    O = _shape.Part(o.Values[(step * o.Count / _steps)..], task / _shape.Heads, task % _shape.Heads),
                });
            }
        }

        if (rate is not null)
            Rate(map, rate.Values.Slice(task * length * length, length * length));
        return o is null ? 0 : BitRows.Count(map);
    }

    /// <summary>A piece that begins on a cache line, as its length is rounded up to one.</summary>
    private static Span<ulong> Cut(ref Span<ulong> scratch, int length)
    {
        Span<ulong> piece = scratch[..length];
        scratch = scratch[Lines(length)..];
        return piece;
    }

    private static int Lines(int words) => (words + LineWords - 1) / LineWords * LineWords;

    /// <summary>Packs on all threads; whether all numbers were 0 or 1.</summary>
    private bool Pack(Tensor spikes, Memory<float> packed)
    {
        int[] others = [0];
        RowParallel.For(spikes.Rows, PackGrain, (heads: this, spikes, packed, others), static (s, start, end) =>
        {
            int p = s.heads._shape.HeadDim, words = s.heads._shape.Heads * s.heads.ItemWords;
            Simd.Run(new PackSpikeRows
            {
                Spikes = s.spikes.Values[(start * s.spikes.Columns)..], Stride = p, Bits = p,
                Rows = MemoryMarshal.Cast<float, ulong>(s.packed.Span).Slice(start * words, (end - start) * words), Others = s.others,
            });
        });
        return others[0] == 0;
    }

    private static void RequireSpikes(Tensor spikes, string name)
    {
        int bad = spikes.Values.IndexOfAnyExcept(0f, 1f);
        if (bad >= 0)
            throw new ArgumentException($"{name} has {spikes.Values[bad]} at {bad}; spikes are 0 or 1.", name);
    }

    /// <summary>The rows of a head, [steps][T][words of P].</summary>
    private void Take(Memory<float> packed, int task, Span<ulong> rows)
    {
        ReadOnlySpan<ulong> all = MemoryMarshal.Cast<float, ulong>(packed.Span);
        (int batch, int head) = Math.DivRem(task, _shape.Heads);
        int items = ItemWords, stride = _shape.Heads * items;
        for (int step = 0; step < _steps; step++)
        {
            int from = (step * _shape.Batch + batch) * _shape.Length * stride + head * items;
            Span<ulong> ofStep = rows.Slice(step * _shape.Length * items, _shape.Length * items);
            for (int to = 0; to < ofStep.Length; to += items, from += stride)
            {
                for (int word = 0; word < items; word++)
                    ofStep[to + word] = all[from + word];
            }
        }
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

    private void Rate(ReadOnlySpan<ulong> map, Span<float> rate)
    {
        int length = _shape.Length, words = RowWords;
        Span<ulong> block = stackalloc ulong[BitRows.WordBits];
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
