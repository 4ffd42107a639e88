using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Text;

/// <summary>
/// Chooses tokens from logits, reproducibly for a seed. Nothing is sorted, and after the first token nothing is allocated.
/// Not for several threads at once.
/// </summary>
public sealed class Sampler
{
    private const int BlockLength = 64;

    private readonly SamplingOptions _options;
    private readonly SeededRandom _random;
    private readonly RepetitionPenalty? _penalty;
    private readonly ScoreThreshold _threshold = new();

    // The first _count of each belong together: tokens that may still be drawn, in order.
    private int[] _tokens = [];
    private float[] _scores = [];    // (logit - largest logit) / temperature
    private float[] _weights = [];   // e^score
    private int _count;

    /// <summary>A sampler at the start of its random stream.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Sampler(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new SeededRandom(options.Seed, "sampler");
        if (options.RepetitionPenalty != 1f)
            _penalty = new RepetitionPenalty(options.RepetitionPenalty, options.RepetitionWindow);
    }

    /// <summary>The tokens that the last one was drawn from, in order; not set when it was the most likely one.</summary>
    internal ReadOnlySpan<int> Candidates => _tokens.AsSpan(0, _count);

    /// <summary>Their probabilities, up to a common factor.</summary>
    internal ReadOnlySpan<float> CandidateWeights => _weights.AsSpan(0, _count);

    /// <summary>Tells of the next token of the text, be it of the prompt or one chosen here. Only the repetition penalty asks for it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is negative.</exception>
    public void Observe(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        _penalty?.Observe(token);
    }

    /// <summary>The next token.</summary>
    /// <param name="logits">[V]</param>
    /// <exception cref="ArgumentException">There are no logits, or fewer than an observed token needs.</exception>
    /// <exception cref="InvalidDataException">A logit is not a finite number: the model is damaged.</exception>
    public int Next(ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty)
            throw new ArgumentException("There are no logits to choose from.", nameof(logits));
        if (!TensorPrimitives.IsFiniteAll(logits))
            throw new InvalidDataException("The model's logits are not all finite numbers; its weights are damaged.");

        if (_options.Temperature == 0f && _penalty is null)
            return ArgMax(logits);

        if (_scores.Length != logits.Length)
            (_tokens, _scores, _weights) = (new int[logits.Length], new float[logits.Length], new float[logits.Length]);
        logits.CopyTo(_scores);
        _penalty?.Apply(_scores);
        if (_options.Temperature == 0f)
            return ArgMax(_scores);

        ScaleByTemperature();
        KeepTopK();
        Simd.Run(new UnaryForward<Exp> { X = _scores.AsSpan(0, _count), Y = _weights.AsSpan(0, _count) });
        KeepTopP();
        KeepMinP();
        return Draw();
    }

    /// <summary>The most likely token; the first of equals. The logits are numbers.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax(logits);
        if (logits[best] != 0f)
            return best;

        // For IndexOfMax 0 is larger than -0; as logits they are equal.
        int first = 0;
        while (logits[first] != 0f)
            first++;
        return first;
    }

    /// <summary>Distances to the largest logit, so that no exponential is infinite; probabilities do not change by that.</summary>
    private void ScaleByTemperature()
    {
        TensorPrimitives.Subtract(_scores, TensorPrimitives.Max<float>(_scores), _scores);
        TensorPrimitives.Divide(_scores, _options.Temperature, _scores);
    }

    private void KeepTopK()
    {
        int k = _options.TopK, blocks = _scores.Length / BlockLength;
        if (k > 0 && k <= blocks / 2)
            KeepLikelyBlocks(blocks, k);
        else
            KeepAll();

        if (k == 0 || k >= _count)
            return;
        uint last = _threshold.Find(_scores.AsSpan(0, _count), [], k, out _);
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (ScoreThreshold.KeyOf(_scores[i]) <= last)
                (_tokens[kept], _scores[kept++]) = (_tokens[i], _scores[i]);
        }

        _count = kept;
    }

    private void KeepAll()
    {
        for (int i = 0; i < _tokens.Length; i++)
            _tokens[i] = i;
        _count = _tokens.Length;
    }

    /// <summary>
    /// The k-th largest of the blocks' largest scores is not above the k-th largest of all, and most blocks lie below it: what is
    /// left is little more than k, found without a look at most of the scores.
    /// </summary>
    private void KeepLikelyBlocks(int blocks, int k)
    {
        Span<float> largest = _weights.AsSpan(0, blocks);
        for (int block = 0; block < blocks; block++)
            largest[block] = TensorPrimitives.Max<float>(_scores.AsSpan(block * BlockLength, BlockLength));
        uint last = _threshold.Find(largest, [], k, out _);

        _count = 0;
        for (int block = 0; block < blocks; block++)
        {
            if (ScoreThreshold.KeyOf(largest[block]) <= last)
                Keep(block * BlockLength, (block + 1) * BlockLength, last);
        }

        Keep(blocks * BlockLength, _scores.Length, last);
    }

    /// <summary>Moves tokens from a part of the vocabulary to those kept, which never reach beyond it.</summary>
    private void Keep(int start, int end, uint last)
    {
        for (int token = start; token < end; token++)
        {
            if (ScoreThreshold.KeyOf(_scores[token]) <= last)
                (_tokens[_count], _scores[_count++]) = (token, _scores[token]);
        }
    }

    private void KeepTopP()
    {
        if (_options.TopP == 1f)
            return;
        double wanted = _options.TopP * Total();
        uint last = _threshold.Find(_scores.AsSpan(0, _count), _weights, wanted, out double ahead);
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            uint key = ScoreThreshold.KeyOf(_scores[i]);
            if (key > last || (key == last && ahead >= wanted))
                continue;
            if (key == last)
                ahead += _weights[i];
            (_tokens[kept], _weights[kept++]) = (_tokens[i], _weights[i]);
        }

        _count = kept;
    }

    private void KeepMinP()
    {
        if (_options.MinP == 0f)
            return;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            // The most likely token has a weight of 1.
            if (_weights[i] >= _options.MinP)
                (_tokens[kept], _weights[kept++]) = (_tokens[i], _weights[i]);
        }

        _count = kept;
    }

    private int Draw()
    {
        double left = (_random.NextUInt64() >> 11) * (1.0 / (1UL << 53)) * Total();
        int last = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_weights[i] == 0f)
                continue;
            left -= _weights[i];
            last = _tokens[i];
            if (left < 0)
                break;
        }

        return last;
    }

    private double Total()
    {
        // Four sums hide the latency of an addition.
        double a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i <= _count - 4; i += 4)
        {
            a += _weights[i];
            b += _weights[i + 1];
            c += _weights[i + 2];
            d += _weights[i + 3];
        }

        for (; i < _count; i++)
            a += _weights[i];
        return a + b + (c + d);
    }
}
