using System.Numerics;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// Keys and values of a spiking model, a bit for each: [sequence][step][channel][tokens]. A token takes 2 · steps · D bits in a layer.
/// </summary>
/// <param name="batch">Number of sequences.</param>
/// <param name="steps">T</param>
/// <param name="width">D: channels of all heads.</param>
internal sealed class SpikeCache(int batch, int steps, int width) : KeyValueCache
{
    private ulong[] _keys = [];
    private ulong[] _values = [];

    /// <inheritdoc/>
    public override long Bytes => 2L * _keys.Length * sizeof(ulong);

    /// <summary>Words from one channel to the next.</summary>
    public int RowWords => BitRows.PaddedWords(Capacity);

    /// <summary>Key spikes of some channels, [channels][<see cref="RowWords"/>].</summary>
    public Span<ulong> Keys(int sequence, int step, int channel, int count) => Rows(_keys, sequence, step, channel, count);

    /// <summary>Key spikes from a channel on, those of all steps behind each other.</summary>
    public ReadOnlySpan<ulong> Keys(int sequence, int channel) => _keys.AsSpan((sequence * steps * width + channel) * RowWords);

    /// <summary>Value spikes of some channels, [channels][<see cref="RowWords"/>].</summary>
    public Span<ulong> Values(int sequence, int step, int channel, int count) => Rows(_values, sequence, step, channel, count);

    /// <summary>Notes the spikes of a token in rows of channels that are still empty there.</summary>
    /// <param name="rows">[channels][<see cref="RowWords"/>]</param>
    /// <param name="token">The token.</param>
    /// <param name="spikes">Its bits, channel by channel.</param>
    public void Append(Span<ulong> rows, int token, ReadOnlySpan<ulong> spikes)
    {
        int words = RowWords, at = token / BitRows.WordBits;
        ulong bit = 1UL << token;
        for (int word = 0; word < spikes.Length; word++)
        {
            for (ulong bits = spikes[word]; bits != 0; bits &= bits - 1)
                rows[(word * BitRows.WordBits + BitOperations.TrailingZeroCount(bits)) * words + at] |= bit;
        }
    }

    public override SpikeCache New(int batch) => new(batch, steps, width);

    public override bool HasSizesOf(KeyValueCache other) => other is SpikeCache spikes && spikes.Steps == Steps && spikes.Width == Width;

    private int Steps => steps;

    private int Width => width;

    private protected override void CopyRows(KeyValueCache other, int from, int to)
    {
        var spikes = (SpikeCache)other;
        Copy(spikes.Rows(spikes._keys, from, 0, 0, steps * width), spikes.RowWords, Rows(_keys, to, 0, 0, steps * width));
        Copy(spikes.Rows(spikes._values, from, 0, 0, steps * width), spikes.RowWords, Rows(_values, to, 0, 0, steps * width));
    }

    private protected override void ForgetFrom(int position)
    {
        if (Capacity == 0)
            return;
        int words = RowWords, word = position / BitRows.WordBits;
        ulong kept = (1UL << position) - 1;
        foreach (ulong[] bits in (ulong[][])[_keys, _values])
        {
            for (int row = 0; row < bits.Length; row += words)
            {
                bits[row + word] &= kept;
                bits.AsSpan(row + word + 1, words - word - 1).Clear();
            }
        }
    }

    private protected override void Grow(int capacity)
    {
        int words = BitRows.PaddedWords(capacity), before = RowWords;
        ulong[] keys = new ulong[batch * steps * width * words], values = new ulong[batch * steps * width * words];
        for (int row = 0; row < batch * steps * width && Capacity > 0; row++)
        {
            _keys.AsSpan(row * before, before).CopyTo(keys.AsSpan(row * words));
            _values.AsSpan(row * before, before).CopyTo(values.AsSpan(row * words));
        }

        (_keys, _values) = (keys, values);
    }

    private void Copy(ReadOnlySpan<ulong> from, int fromWords, Span<ulong> to)
    {
        to.Clear();
        for (int row = 0; row < steps * width; row++)
            from.Slice(row * fromWords, fromWords).CopyTo(to[(row * RowWords)..]);
    }

    private Span<ulong> Rows(ulong[] bits, int sequence, int step, int channel, int count) =>
        bits.AsSpan(((sequence * steps + step) * width + channel) * RowWords, count * RowWords);
}
