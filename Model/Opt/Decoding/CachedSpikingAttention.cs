using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Opt;

/// <summary>Spiking attention of one layer with keys and values from a cache of bits: of one token, or of pieces of texts.</summary>
internal sealed class CachedSpikingAttention(OptConfig config)
{
    private readonly CountNeuron _neuron = CountNeuron.Of(config.Spiking!.Neuron.Dynamics(), config.Spiking.TimeSteps, config.HeadDim);

    private int Steps => config.Spiking!.TimeSteps;

    private int Channels => config.HeadDim;

    private int ItemWords => BitRows.Words(config.HeadDim);

    /// <summary>One token of one text: its key and value go into the cache, and its query over all keys.</summary>
    /// <returns>Spikes of the map.</returns>
    public long One(OptBuffers buffers, SpikeCache cache, int position)
    {
        cache.Begin(position, 1);
        int p = Channels, words = cache.RowWords, seen = BitRows.PaddedWords(position + 1), items = ItemWords;
        Span<ulong> query = stackalloc ulong[Steps * items], bits = stackalloc ulong[items];
        Span<ulong> map = MemoryMarshal.Cast<float, ulong>(ThreadScratch.Take(2 * Steps * seen));
        long active = 0;
        for (int head = 0; head < config.HeadCount; head++)
        {
            for (int step = 0; step < Steps; step++)
            {
                int at = step * config.DModel + head * p;
                Pack(buffers.Query.Span.Slice(at, p), p, query.Slice(step * items, items));
                Pack(buffers.Key.Span.Slice(at, p), p, bits);
                cache.Append(cache.Keys(0, step, head * p, p), position, bits);
                Pack(buffers.Value.Span.Slice(at, p), p, bits);
                cache.Append(cache.Values(0, step, head * p, p), position, bits);
            }

            Simd.RunBits(new SpikeScores
            {
                Neuron = _neuron, Channels = p, Items = query, ItemCount = 1, Planes = cache.Keys(0, head * p), PlaneWords = words, PlaneStep = config.DModel * words,
                RowWords = seen, First = [0], End = [position + 1], Spikes = map,
            });
            for (int step = 0; step < Steps; step++)
                SpikeMixingOne.Run(map.Slice(step * seen, seen), cache.Values(0, step, head * p, p), words, buffers.Mixed.Span.Slice(step * config.DModel + head * p, p));
            active += BitRows.Count(map);
        }

        return active;
    }

    /// <summary>Pieces of texts, one for each sequence of the cache.</summary>
    /// <param name="q">[steps, B, T, D] of 0 and 1.</param>
    /// <param name="k">[steps, B, T, D]</param>
    /// <param name="v">[steps, B, T, D]</param>
    /// <param name="o">[steps, B, T, D], overwritten.</param>
    /// <param name="cache">Keys and values before the pieces; theirs are added.</param>
    /// <param name="position">Tokens before the pieces.</param>
    /// <returns>Spikes of the maps.</returns>
    public long Many(Tensor q, Tensor k, Tensor v, Tensor o, SpikeCache cache, int position)
    {
        cache.Begin(position, q.Shape[2]);
        long[] active = [0];
        RowParallel.For(q.Shape[1] * config.HeadCount, 1, (attention: this, q, k, v, o, cache, position, active), static (s, task, _) =>
            Interlocked.Add(ref s.active[0], s.attention.Head(task, s.q, s.k, s.v, s.o, s.cache, s.position)), heavy: true);
        return active[0];
    }

    private long Head(int task, Tensor q, Tensor k, Tensor v, Tensor o, SpikeCache cache, int position)
    {
        (int sequence, int head) = Math.DivRem(task, config.HeadCount);
        (int batch, int length) = (q.Shape[1], q.Shape[2]);
        int p = Channels, items = ItemWords, keys = position + length, words = BitRows.PaddedWords(length), cacheWords = cache.RowWords;
        int rowsLength = length * items, keysLength = Steps * keys * items, planesLength = Steps * p * words, mapLength = Steps * keys * words;
        int digits = SpikeMixing.Digits(keys), sumsLength = p * digits * words;
        Span<ulong> scratch = MemoryMarshal.Cast<float, ulong>(
            ThreadScratch.Take(2 * (planesLength + mapLength + sumsLength + rowsLength + keysLength + keys) + p * BitRows.WordBits));
        Span<ulong> planes = Cut(ref scratch, planesLength), map = Cut(ref scratch, mapLength), sums = Cut(ref scratch, sumsLength);
        Span<ulong> rows = Cut(ref scratch, rowsLength), keyRows = Cut(ref scratch, keysLength);
        Span<int> seen = MemoryMarshal.Cast<ulong, int>(Cut(ref scratch, keys)), first = seen[..keys], end = seen[keys..];
        Span<float> tile = MemoryMarshal.Cast<ulong, float>(scratch);
        for (int key = 0; key < keys; key++)
            (first[key], end[key]) = (Math.Max(0, key - position), length);
        for (int step = 0; step < Steps; step++)
        {
            int at = ((step * batch + sequence) * length * config.HeadCount + head) * p;
            AppendRows(k.Values[at..], rows, cache, cache.Keys(sequence, step, head * p, p), position);
            AppendRows(v.Values[at..], rows, cache, cache.Values(sequence, step, head * p, p), position);
            Pack(q.Values[at..], config.DModel, rows);
            BitRows.Transpose(rows, items, length, p, planes.Slice(step * p * words, p * words), words);
            BitRows.Transpose(cache.Keys(sequence, step, head * p, p), cacheWords, p, keys, keyRows.Slice(step * keys * items, keys * items), items);
        }

        Simd.RunBits(new SpikeScores
        {
            Neuron = _neuron, Channels = p, Items = keyRows, ItemCount = keys, Planes = planes, PlaneWords = words, PlaneStep = p * words, RowWords = words,
            First = first, End = end, Spikes = map,
        });
        for (int step = 0; step < Steps; step++)
        {
            Simd.RunBits(new SpikeMixing
            {
                Map = map.Slice(step * keys * words, keys * words), RowWords = words, Values = cache.Values(sequence, step, head * p, p), ValueWords = cacheWords,
                Keys = keys, Before = position, Channels = p, Sums = sums, Scratch = first,
            });
            Simd.Run(new SumsToFloats
            {
                Sums = sums, Digits = digits, RowWords = words, Queries = length, Channels = p, Stride = config.DModel, Scratch = tile,
                O = o.Values[(((step * batch + sequence) * length * config.HeadCount + head) * p)..],
            });
        }

        return BitRows.Count(map);
    }

    private static Span<ulong> Cut(ref Span<ulong> scratch, int length)
    {
        Span<ulong> piece = scratch[..length];
        scratch = scratch[length..];
        return piece;
    }

    private void AppendRows(ReadOnlySpan<float> spikes, Span<ulong> rows, SpikeCache cache, Span<ulong> target, int position)
    {
        Pack(spikes, config.DModel, rows);
        for (int token = 0; token < rows.Length / ItemWords; token++)
            cache.Append(target, position + token, rows.Slice(token * ItemWords, ItemWords));
    }

    private void Pack(ReadOnlySpan<float> spikes, int stride, Span<ulong> rows) =>
        Simd.Run(new PackSpikeRows { Spikes = spikes, Stride = stride, Bits = Channels, Rows = rows });
}
