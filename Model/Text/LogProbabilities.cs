using System.Numerics.Tensors;

namespace SpikeEngine.Model.Text;

/// <summary>
/// ln p = logit - ln Σ e^logit in double precision: the model's own distribution, before temperature, penalty and whatever
/// else a <see cref="Sampler"/> does.
/// </summary>
public readonly ref struct LogProbabilities
{
    private readonly ReadOnlySpan<float> _logits;
    private readonly double _logZ;

    /// <summary>The distribution that logits stand for; they are looked at later as well.</summary>
    /// <param name="logits">[V]</param>
    /// <exception cref="ArgumentException">There are no logits.</exception>
    public LogProbabilities(ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty)
            throw new ArgumentException("There are no logits to take probabilities of.", nameof(logits));
        double largest = TensorPrimitives.Max(logits), total = 0;
        foreach (float logit in logits)
            total += Math.Exp(logit - largest);
        _logits = logits;
        _logZ = largest + Math.Log(total);
    }

    /// <summary>ln p of a token.</summary>
    public double this[int token] => _logits[token] - _logZ;

    /// <summary>The most likely tokens, the first of equals first.</summary>
    /// <param name="count">How many; all when there are fewer.</param>
    public TokenLogProbability[] Top(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        TokenLogProbability[] top = new TokenLogProbability[Math.Min(count, _logits.Length)];
        for (int token = 0, filled = 0; token < _logits.Length && top.Length > 0; token++)
        {
            double value = this[token];
            if (filled == top.Length && !(value > top[^1].LogProbability))
                continue;
            int place = filled < top.Length ? filled++ : filled - 1;
            for (; place > 0 && value > top[place - 1].LogProbability; place--)
                top[place] = top[place - 1];
            top[place] = new TokenLogProbability(token, value);
        }

        return top;
    }
}
