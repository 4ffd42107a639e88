namespace SpikeEngine.Model;

/// <summary>How likely a token is.</summary>
/// <param name="LogProbability">ln p(token | everything before it).</param>
/// <param name="IsGreedy">Whether it is the likeliest of all, the first of equals.</param>
public readonly record struct TokenScore(float LogProbability, bool IsGreedy)
{
    /// <summary>Of one token for each row of logits.</summary>
    internal static void Of(Tensor logits, ReadOnlyMemory<int> tokens, Span<TokenScore> scores)
    {
        Tensor logProbabilities = Ops.SelectiveLogSoftmax(logits, tokens);
        int[] likeliest = Ops.ArgMax(logits);
        for (int row = 0; row < scores.Length; row++)
            scores[row] = new TokenScore(logProbabilities.Values[row], likeliest[row] == tokens.Span[row]);
    }
}
