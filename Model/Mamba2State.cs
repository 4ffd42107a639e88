namespace SpikeEngine.Model;

/// <summary>
/// What a Mamba2 model remembers of a sequence: for every layer the last K inputs of the convolution and the state of
/// the scan. Its size does not grow with the text.
/// </summary>
public sealed class Mamba2State : DecoderState
{
    private readonly Mamba2Config _config;
    private readonly Memory<float>[] _conv;
    private readonly Memory<float>[] _ssm;

    /// <summary>The state before the first token.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Number of sequences.</param>
    public Mamba2State(Mamba2Config config, int batch = 1)
        : base(batch)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _conv = [.. Enumerable.Range(0, config.LayerCount).Select(_ => AlignedMemory.Allocate(batch * ConvLength))];
        _ssm = [.. Enumerable.Range(0, config.LayerCount).Select(_ => AlignedMemory.Allocate(batch * SsmLength))];
    }

    private int ConvLength => _config.DConv * _config.ConvChannels;

    private int SsmLength => _config.DInner * _config.DState;

    /// <inheritdoc/>
    public override long Bytes => Batch * BytesOf(_config);

    /// <summary>Bytes of one sequence of a model.</summary>
    internal static long BytesOf(Mamba2Config config) =>
        (long)config.LayerCount * (config.DConv * config.ConvChannels + config.DInner * config.DState) * sizeof(float);

    /// <inheritdoc/>
    public override void Clear()
    {
        Position = 0;
        for (int layer = 0; layer < _conv.Length; layer++)
        {
            _conv[layer].Span.Clear();
            _ssm[layer].Span.Clear();
        }
    }

    /// <summary>[K, C] of one sequence: the last K raw inputs of the convolution, oldest first, zeros before the text.</summary>
    public Span<float> ConvWindow(int layer, int sequence) => _conv[layer].Span.Slice(sequence * ConvLength, ConvLength);

    /// <summary>[H, N, P] of one sequence: the state of the scan.</summary>
    public Span<float> Ssm(int layer, int sequence) => _ssm[layer].Span.Slice(sequence * SsmLength, SsmLength);

    /// <summary>[H, N, P] of every sequence, one after the other.</summary>
    internal Memory<float> SsmMemory(int layer) => _ssm[layer];

    /// <summary>[B, C, K]: the windows in the order that other Mamba2 implementations and <see cref="Ops.CausalConv1d"/> use.</summary>
    public Tensor ConvTensor(int layer)
    {
        Tensor tensor = new(Batch, _config.ConvChannels, _config.DConv);
        for (int sequence = 0; sequence < Batch; sequence++)
        {
            Transpose(ConvWindow(layer, sequence), _config.DConv, _config.ConvChannels, tensor.Values.Slice(sequence * ConvLength, ConvLength));
        }

        return tensor;
    }

    /// <summary>[B, H, N, P]: the scan's states, sharing their memory.</summary>
    internal Tensor SsmTensor(int layer) =>
        new(new Shape(Batch, _config.HeadCount, _config.DState, _config.HeadDim), _ssm[layer]);

    /// <summary>[B, H, P, N]: the scan's states in the order that other Mamba2 implementations use.</summary>
    public Tensor SsmStates(int layer)
    {
        int n = _config.DState, p = _config.HeadDim;
        Tensor tensor = new(Batch, _config.HeadCount, p, n);
        for (int head = 0; head < Batch * _config.HeadCount; head++)
            Transpose(_ssm[layer].Span.Slice(head * n * p, n * p), n, p, tensor.Values.Slice(head * n * p, n * p));
        return tensor;
    }

    /// <summary>Takes over what a forward pass left.</summary>
    internal void Store(int layer, Tensor conv, Tensor ssm)
    {
        for (int sequence = 0; sequence < Batch; sequence++)
        {
            Transpose(conv.Values.Slice(sequence * ConvLength, ConvLength), _config.ConvChannels, _config.DConv, ConvWindow(layer, sequence));
        }

        ssm.Values.CopyTo(_ssm[layer].Span);
    }

    /// <inheritdoc/>
    public override Mamba2State Copy()
    {
        Mamba2State copy = new(_config, Batch);
        copy.CopyFrom(this);
        return copy;
    }

    /// <inheritdoc/>
    public override Mamba2State Select(ReadOnlySpan<int> sequences)
    {
        RequireSequences(sequences);
        Mamba2State selected = new(_config, sequences.Length) { Position = Position };
        for (int layer = 0; layer < _conv.Length; layer++)
        {
            for (int i = 0; i < sequences.Length; i++)
            {
                ConvWindow(layer, sequences[i]).CopyTo(selected.ConvWindow(layer, i));
                Ssm(layer, sequences[i]).CopyTo(selected.Ssm(layer, i));
            }
        }

        return selected;
    }

    /// <inheritdoc/>
    public override void CopyFrom(DecoderState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other is not Mamba2State state)
            throw new ArgumentException("The state is of another kind of model.", nameof(other));
        CopyFrom(state);
    }

    private void CopyFrom(Mamba2State other)
    {
        if (other.Batch != Batch || other._conv.Length != _conv.Length || other.ConvLength != ConvLength || other.SsmLength != SsmLength)
        {
            throw new ArgumentException(
                $"The state is of {other.Batch} sequence(s), {other._conv.Length} layers of {other.ConvLength} + {other.SsmLength} numbers; "
                + $"here they are {Batch}, {_conv.Length} and {ConvLength} + {SsmLength}.", nameof(other));
        }

        for (int layer = 0; layer < _conv.Length; layer++)
        {
            other._conv[layer].CopyTo(_conv[layer]);
            other._ssm[layer].CopyTo(_ssm[layer]);
        }

        Position = other.Position;
    }

    /// <summary>All of it by name, sharing its memory.</summary>
    internal override IEnumerable<(string Name, int[] Shape, Memory<float> Values)> Tensors()
    {
        for (int layer = 0; layer < _conv.Length; layer++)
        {
            yield return ($"layers.{layer}.conv", [Batch, _config.DConv, _config.ConvChannels], _conv[layer]);
            yield return ($"layers.{layer}.ssm", [Batch, _config.HeadCount, _config.DState, _config.HeadDim], _ssm[layer]);
        }
    }

    private static void Transpose(ReadOnlySpan<float> from, int rows, int columns, Span<float> to)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                to[j * rows + i] = from[i * columns + j];
        }
    }
}
