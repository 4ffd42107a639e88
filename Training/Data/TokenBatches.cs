using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Data;

/// <summary>One batch: inputs and, shifted by one, the tokens to predict.</summary>
/// <param name="Inputs">Batch sequences of equal length, one after the other.</param>
/// <param name="Targets">The token after each input.</param>
/// <param name="BatchSize">Number of sequences.</param>
public sealed record TokenBatch(int[] Inputs, int[] Targets, int BatchSize);

/// <summary>
/// Draws training batches from a stream of tokens. The stream is cut into windows, and each pass visits them all in a new
/// random order, with the cuts moved by a random offset. Reproducible for a seed.
/// </summary>
public sealed class TokenBatches : ITrainingState
{
    private readonly int[] _tokens;
    private readonly int _batchSize;
    private readonly int _length;
    private readonly SeededRandom _random;
    private readonly TokenBatch _batch;
    private int[] _order = [];
    private int _next;
    private int _offset;
    private ulong _passStart;

    /// <summary>Batches of <paramref name="batchSize"/> sequences of <paramref name="length"/> tokens.</summary>
    /// <exception cref="ArgumentException">The stream is shorter than one window.</exception>
    public TokenBatches(int[] tokens, int batchSize, int length, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (tokens.Length <= length)
            throw new ArgumentException($"The text has {tokens.Length} tokens; a sequence of {length} needs at least {length + 1}.", nameof(tokens));
        _tokens = tokens;
        _batchSize = batchSize;
        _length = length;
        _random = new SeededRandom(seed, "batches");
        _batch = new TokenBatch(new int[batchSize * length], new int[batchSize * length], batchSize);
    }

    /// <summary>Tokens to predict in a batch.</summary>
    public int TokensPerBatch => _batchSize * _length;

    /// <summary>The next batch; the same object every time, filled anew, so that a step allocates no tokens.</summary>
    public TokenBatch Next()
    {
        for (int sequence = 0; sequence < _batchSize; sequence++)
        {
            int start = NextStart();
            _tokens.AsSpan(start, _length).CopyTo(_batch.Inputs.AsSpan(sequence * _length));
            _tokens.AsSpan(start + 1, _length).CopyTo(_batch.Targets.AsSpan(sequence * _length));
        }

        return _batch;
    }

    private int NextStart()
    {
        if (_next == _order.Length)
            BeginPass();
        return _offset + _order[_next++] * _length;
    }

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long next = _next;
        ulong start = _passStart;
        state.Number("next", ref next);
        state.Number("pass_start", ref start);
        if ((next, start) == (_next, _passStart))
            return;
        _random.Position = start;
        BeginPass();
        _next = (int)next;
    }

    private void BeginPass()
    {
        _passStart = _random.Position;
        _offset = _random.NextInt(Math.Min(_length, _tokens.Length - _length));
        _order = [.. Enumerable.Range(0, (_tokens.Length - 1 - _offset) / _length)];
        _random.Shuffle(_order.AsSpan());
        _next = 0;
    }
}
