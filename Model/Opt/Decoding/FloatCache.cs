namespace SpikeEngine.Model.Opt;

/// <summary>Keys and values in single precision, [sequence][token][D].</summary>
/// <param name="batch">Number of sequences.</param>
/// <param name="width">D</param>
internal sealed class FloatCache(int batch, int width) : KeyValueCache
{
    private float[] _keys = [];
    private float[] _values = [];

    /// <inheritdoc/>
    public override long Bytes => 2L * _keys.Length * sizeof(float);

    /// <summary>Keys of a sequence from a token on.</summary>
    public Span<float> Keys(int sequence, int token = 0) => _keys.AsSpan((sequence * Capacity + token) * width, (Capacity - token) * width);

    /// <summary>Values of a sequence from a token on.</summary>
    public Span<float> Values(int sequence, int token = 0) => _values.AsSpan((sequence * Capacity + token) * width, (Capacity - token) * width);

    public override FloatCache New(int batch) => new(batch, width);

    public override bool HasSizesOf(KeyValueCache other) => other is FloatCache floats && floats.Width == Width;

    private int Width => width;

    private protected override void CopyRows(KeyValueCache other, int from, int to)
    {
        var floats = (FloatCache)other;
        floats.Keys(from).CopyTo(Keys(to));
        floats.Values(from).CopyTo(Values(to));
    }

    private protected override void ForgetFrom(int position)
    {
        // What follows is written over it.
    }

    private protected override void Grow(int capacity)
    {
        float[] keys = new float[batch * capacity * width], values = new float[batch * capacity * width];
        for (int sequence = 0; sequence < batch && Capacity > 0; sequence++)
        {
            Keys(sequence).CopyTo(keys.AsSpan(sequence * capacity * width));
            Values(sequence).CopyTo(values.AsSpan(sequence * capacity * width));
        }

        (_keys, _values) = (keys, values);
    }
}
