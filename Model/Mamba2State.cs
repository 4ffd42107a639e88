namespace SpikeEngine.Model;

/// <summary>
/// What a Mamba2 model remembers of a sequence: for every layer the last K inputs of the convolution and the state of
/// the scan. Its size does not grow with the text.
/// </summary>
public sealed class Mamba2State
{
    private readonly Mamba2Config _config;
    private readonly Memory<float>[] _conv;
    private readonly Memory<float>[] _ssm;

    /// <summary>The state before the first token.</summary>
    /// <param name="config">The model's sizes.</param>
    /// <param name="batch">Number of sequences.</param>
    public Mamba2State(Mamba2Config config, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        _config = config;
        Batch = batch;
        _conv = [.. Enumerable.Range(0, config.LayerCount).Select(_ => AlignedMemory.Allocate(batch * ConvLength))];
        _ssm = [.. Enumerable.Range(0, config.LayerCount).Select(_ => AlignedMemory.Allocate(batch * SsmLength))];
    }

    /// <summary>Number of sequences.</summary>
    public int Batch { get; }

    private int ConvLength => _config.DConv * _config.ConvChannels;

    private int SsmLength => _config.DInner * _config.DState;

    /// <summary>Tokens of each sequence that it has seen, padding included.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes of all its numbers.</summary>
    public long Bytes => Batch * BytesOf(_config);

    /// <summary>Bytes of one sequence of a model.</summary>
    internal static long BytesOf(Mamba2Config config) =>
        (long)config.LayerCount * (config.DConv * config.ConvChannels + config.DInner * config.DState) * sizeof(float);

    /// <summary>Back to the state before the first token.</summary>
    public void Clear()
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

    /// <summary>A state of its own with the same numbers.</summary>
    public Mamba2State Copy()
    {
        Mamba2State copy = new(_config, Batch);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>A state of some of the sequences, each as often as it is named: several ways to go on from one beginning.</summary>
    /// <param name="sequences">Which sequences, in order.</param>
    /// <exception cref="ArgumentException">None is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    public Mamba2State Select(ReadOnlySpan<int> sequences)
    {
        if (sequences.IsEmpty)
            throw new ArgumentException("No sequence is named.", nameof(sequences));
        int bad = sequences.IndexOfAnyExceptInRange(0, Batch - 1);
        if (bad >= 0)
            throw new ArgumentOutOfRangeException(nameof(sequences), $"There is no sequence {sequences[bad]} in a state of {Batch}.");
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

    /// <summary>Takes over the numbers of another state.</summary>
    /// <exception cref="ArgumentException">It is of another batch, or of a model with other sizes.</exception>
    public void CopyFrom(Mamba2State other)
    {
        ArgumentNullException.ThrowIfNull(other);
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
    internal IEnumerable<(string Name, int[] Shape, Memory<float> Values)> Tensors()
    {
        for (int layer = 0; layer < _conv.Length; layer++)
        {
            yield return ($"layers.{layer}.conv", [Batch, _config.DConv, _config.ConvChannels], _conv[layer]);
            yield return ($"layers.{layer}.ssm", [Batch, _config.HeadCount, _config.DState, _config.HeadDim], _ssm[layer]);
        }
    }

    /// <summary>Tokens have been seen.</summary>
    internal void Advance(long tokens) => Position += tokens;

    /// <summary>Length of the sequences that a number of ids makes.</summary>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, or the state is of another one.</exception>
    internal static int RequireSequences(int ids, int batch, Mamba2State? state)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (ids == 0 || ids % batch != 0)
            throw new ArgumentException($"{ids} ids do not make {batch} sequences of equal length.", nameof(ids));
        if (state is not null && state.Batch != batch)
            throw new ArgumentException($"The state is of {state.Batch} sequences, the batch has {batch}.", nameof(state));
        return ids / batch;
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
