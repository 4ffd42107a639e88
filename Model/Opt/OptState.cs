namespace SpikeEngine.Model.Opt;

/// <summary>What an OPT-style model remembers of its texts: keys and values of every token in every layer; bits of them when it spikes.</summary>
public sealed class OptState : DecoderState
{
    private readonly KeyValueCache[] _layers;

    /// <summary>The state of texts that have not begun.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Number of texts.</param>
    public OptState(OptConfig config, int batch = 1)
        : base(batch)
    {
        ArgumentNullException.ThrowIfNull(config);
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(_ => NewCache(config, batch))];
    }

    /// <summary>Bytes of all keys and values that there is room for: room grows by doubling, so it is up to twice what the text takes.</summary>
    public override long Bytes => _layers.Sum(layer => layer.Bytes);

    /// <summary>Bytes of the keys and values of one token in all layers.</summary>
    public static double BytesPerToken(OptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        double numbers = 2.0 * config.DModel * config.LayerCount;
        return config.Spiking is { } spiking ? spiking.TimeSteps * numbers / 8 : sizeof(float) * numbers;
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        Position = 0;
        foreach (KeyValueCache layer in _layers)
            layer.Clear();
    }

    /// <inheritdoc/>
    public override OptState Copy() => Select([.. Enumerable.Range(0, Batch)]);

    /// <inheritdoc/>
    public override void CopyFrom(DecoderState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Batch != Batch)
            throw new ArgumentException($"The state is of {other.Batch} texts, not of {Batch}.", nameof(other));
        if (other is not OptState state || state._layers.Length != _layers.Length || !state._layers[0].HasSizesOf(_layers[0]))
            throw new ArgumentException("The state is of a model with other layers, widths or steps.", nameof(other));
        Position = state.Position;
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer].CopyFrom(state._layers[layer], Batch);
    }

    /// <inheritdoc/>
    public override OptState Select(ReadOnlySpan<int> sequences)
    {
        RequireSequences(sequences);
        OptState selected = new(_layers, sequences.Length) { Position = Position };
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            for (int i = 0; i < sequences.Length && _layers[layer].Capacity > 0; i++)
                selected._layers[layer].CopySequence(_layers[layer], sequences[i], i);
        }

        return selected;
    }

    /// <summary>Keys and values of a layer.</summary>
    internal KeyValueCache Layer(int layer) => _layers[layer];

    internal override IEnumerable<(string Name, int[] Shape, Memory<float> Values)> Tensors() =>
        throw new NotSupportedException("Sessions of models with attention have no file format; keep their tokens, and read them again.");

    private OptState(KeyValueCache[] like, int batch)
        : base(batch)
    {
        _layers = Array.ConvertAll(like, layer => layer.New(batch));
    }

    private static KeyValueCache NewCache(OptConfig config, int batch) =>
        config.Spiking is { } spiking ? new SpikeCache(batch, spiking.TimeSteps, config.DModel) : new FloatCache(batch, config.DModel);
}
