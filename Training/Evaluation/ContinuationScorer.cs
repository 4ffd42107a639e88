using SpikeEngine.Model;

namespace SpikeEngine.Training.Evaluation;

/// <summary>Tokens that are given, and tokens whose likelihood is asked for.</summary>
/// <param name="Context">Not empty.</param>
/// <param name="Tokens">The continuation.</param>
public sealed record Continuation(int[] Context, int[] Tokens);

/// <summary>Log-likelihoods of continuations, many at a time.</summary>
public static class ContinuationScorer
{
    private const int BatchTokens = 4096;

    /// <summary>Σ log p(token | everything before), natural logarithm, for each continuation.</summary>
    public static double[] Score(Mamba2LanguageModel model, IReadOnlyList<Continuation> continuations, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(continuations);
        if (continuations.Any(c => c.Context.Length == 0 || c.Tokens.Length == 0))
            throw new ArgumentException("A context or a continuation has no tokens.", nameof(continuations));
        double[] scores = new double[continuations.Count];
        Workspace workspace = new();

        // Sorted by length, a batch needs little padding; causality keeps padding on the right from mattering.
        int[] order = [.. Enumerable.Range(0, continuations.Count).OrderBy(i => Length(continuations[i]))];
        for (int start = 0; start < order.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            int end = start + 1;
            while (end < order.Length && (end + 1 - start) * Length(continuations[order[end]]) <= BatchTokens)
                end++;
            ScoreBatch(model, continuations, order.AsSpan(start, end - start), scores, workspace);
            start = end;
        }

        return scores;
    }

    private static void ScoreBatch(
        Mamba2LanguageModel model, IReadOnlyList<Continuation> continuations, ReadOnlySpan<int> batch, double[] scores, Workspace workspace)
    {
        int length = Length(continuations[batch[^1]]);
        int[] inputs = new int[batch.Length * length], targets = new int[batch.Length * length];
        Array.Fill(targets, Ops.IgnoredLabel);
        for (int row = 0; row < batch.Length; row++)
        {
            (int[] context, int[] tokens) = continuations[batch[row]];
            int[] all = [.. context, .. tokens];
            all.AsSpan(0, all.Length - 1).CopyTo(inputs.AsSpan(row * length));
            tokens.CopyTo(targets.AsSpan(row * length + context.Length - 1));
        }

        using Workspace.Scope scope = workspace.Open();
        Tensor losses = Ops.CrossEntropy(model.Forward(inputs, batch.Length), targets, Reduction.None);
        for (int row = 0; row < batch.Length; row++)
        {
            foreach (float nats in losses.Values.Slice(row * length, length))
                scores[batch[row]] -= nats;
        }
    }

    private static int Length(Continuation continuation) => continuation.Context.Length + continuation.Tokens.Length - 1;
}
