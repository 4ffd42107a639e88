using System.Globalization;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Draws training batches from a stream of tokens. The stream is cut into windows of one length, across documents, and each pass visits
/// them all in a new pseudorandom order, with the cuts moved by a random offset. Reproducible for a seed; the order takes no memory, and
/// the position is two numbers.
/// </summary>
public sealed class TokenBatches : ITrainingState
{
    private const int NumbersPerPass = 2;   // the offset and the key of the order

    private readonly ITokenStream _tokens;
    private readonly int _batchSize;
    private readonly int _length;
    private readonly ulong _seed;
    private readonly bool _movesCuts;
    private readonly SeededRandom _random;
    private readonly TokenBatch _batch;
    private KeyedPermutation _order;
    private long _offset;
    private long _pass;
    private long _window;

    /// <summary>Batches of <paramref name="batchSize"/> sequences of <paramref name="length"/> tokens.</summary>
    /// <param name="tokens">The text, which stays the caller's to dispose.</param>
    /// <param name="batchSize">Sequences in a batch.</param>
    /// <param name="length">Tokens in a sequence.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="resetState">Whether batches say where documents begin (<see cref="TokenBatch.Starts"/>).</param>
    /// <param name="movesCuts">Whether each pass cuts the text elsewhere; without, the windows are the same in all of them.</param>
    /// <exception cref="ArgumentException">The stream is shorter than one window.</exception>
    public TokenBatches(ITokenStream tokens, int batchSize, int length, ulong seed, bool resetState = false, bool movesCuts = true)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (tokens.Count <= length)
            throw new ArgumentException($"The text has {tokens.Count} tokens; a sequence of {length} needs at least {length + 1L}.", nameof(tokens));
        (_tokens, _batchSize, _length, _seed, _movesCuts) = (tokens, batchSize, length, seed, movesCuts);
        _random = new SeededRandom(seed, "batches");
        _batch = new TokenBatch(
            new int[batchSize * length], new int[batchSize * length], batchSize, resetState ? new bool[batchSize * length] : null)
        {
            Positions = new long[batchSize],
        };
        BeginPass();
    }

    /// <summary>How many passes over the text were begun before the current one.</summary>
    public long Pass => _pass;

    /// <summary>Tokens to predict in a batch.</summary>
    public int TokensPerBatch => _batchSize * _length;

    /// <summary>The next batch; the same object every time, filled anew, so that a step allocates no tokens.</summary>
    public TokenBatch Next()
    {
        for (int sequence = 0; sequence < _batchSize; sequence++)
        {
            long start = NextStart();
            int at = sequence * _length;
            _batch.Positions[sequence] = start;
            Span<int> inputs = _batch.Inputs.AsSpan(at, _length), targets = _batch.Targets.AsSpan(at, _length);
            _tokens.Read(start, inputs);
            _tokens.Read(start + 1, targets);
            if (_batch.Starts is not null)
                _tokens.MarkStarts(start, _batch.Starts.AsSpan(at, _length));
        }

        return _batch;
    }

    /// <summary>Names the position, and what it is a position in.</summary>
    /// <exception cref="InvalidDataException">What is restored belongs to another text, seed or length of sequence.</exception>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("data", _tokens.Key);
        state.Same("seed", _seed.ToString(CultureInfo.InvariantCulture));
        state.Same("length", _length.ToString(CultureInfo.InvariantCulture));
        state.Same("cuts", _movesCuts ? "moved" : "fixed");

        long pass = _pass, window = _window;
        state.Number("pass", ref pass);
        state.Number("window", ref window);
        if (pass != _pass)
        {
            if (pass is < 0 or > long.MaxValue / NumbersPerPass)
                throw new InvalidDataException($"A position in the text cannot be in pass {pass}.");
            _pass = pass;
            BeginPass();
        }

        if (window < 0 || window > _order.Count)
            throw new InvalidDataException($"Pass {pass} has {_order.Count} windows; a position cannot be at window {window}.");
        _window = window;
    }

    private long NextStart()
    {
        if (_window == _order.Count)
        {
            _pass++;
            BeginPass();
        }

        return _offset + _order.At(_window++) * _length;
    }

    /// <summary>The cuts and the order follow from the pass alone, so that a pass can be entered anywhere.</summary>
    private void BeginPass()
    {
        _random.Position = (ulong)_pass * NumbersPerPass;
        int offset = _random.NextInt((int)Math.Min(_length, _tokens.Count - _length));
        _offset = _movesCuts ? offset : 0;
        _order = new KeyedPermutation(_random.NextKey(), (_tokens.Count - 1 - _offset) / _length);
        _window = 0;
    }
}
