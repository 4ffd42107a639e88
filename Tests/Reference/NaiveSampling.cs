using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Reference;

/// <summary>The logits processors of Hugging Face transformers, one after the other, with sorting and in double precision.</summary>
internal static class NaiveSampling
{
    /// <summary>Probability of each token, 0 for those filtered out.</summary>
    /// <param name="logits">[V]</param>
    /// <param name="text">Tokens so far.</param>
    /// <param name="options">What to do.</param>
    /// <param name="margin">How far the nearest token is from being kept or dropped instead: near 0 rounding decides.</param>
    public static double[] Probabilities(float[] logits, int[] text, SamplingOptions options, out double margin)
    {
        double[] scores = [.. logits.Select(l => (double)l)];
        int seen = options.RepetitionWindow == 0 ? text.Length : Math.Min(options.RepetitionWindow, text.Length);
        foreach (int token in text[^seen..].Distinct())
            scores[token] = scores[token] < 0 ? scores[token] * options.RepetitionPenalty : scores[token] / options.RepetitionPenalty;

        scores = [.. scores.Select(s => s / options.Temperature)];
        margin = double.PositiveInfinity;

        if (options.TopK > 0)
        {
            double last = scores.OrderDescending().Take(options.TopK).Last();
            foreach (double score in scores.Where(s => s != last))
                margin = Math.Min(margin, Math.Abs(score - last));
            scores = [.. scores.Select(s => s < last ? double.NegativeInfinity : s)];
        }

        if (options.TopP < 1f)
        {
            double[] p = Softmax(scores);
            double ahead = 0;
            foreach (int token in Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).ThenBy(i => i))
            {
                margin = p[token] > 0 ? Math.Min(margin, Math.Abs(ahead - options.TopP)) : margin;
                if (ahead >= options.TopP)
                    scores[token] = double.NegativeInfinity;
                ahead += p[token];
            }
        }

        if (options.MinP > 0f)
        {
            double[] p = Softmax(scores);
            double bar = options.MinP * p.Max();
            foreach (double each in p.Where(each => each > 0))
                margin = Math.Min(margin, Math.Abs(each / p.Max() - options.MinP));
            scores = [.. scores.Select((s, i) => p[i] < bar ? double.NegativeInfinity : s)];
        }

        return Softmax(scores);
    }

    private static double[] Softmax(double[] scores)
    {
        double largest = scores.Max();
        double[] weights = [.. scores.Select(s => Math.Exp(s - largest))];
        double total = weights.Sum();
        return [.. weights.Select(w => w / total)];
    }
}
