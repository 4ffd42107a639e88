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
    /// <param name="model">The model.</param>
    /// <param name="continuations">In any order.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="progress">Told how many are done.</param>
    public static float[] Score(
        LanguageModel model, IReadOnlyList<Continuation> continuations, CancellationToken cancellation, IProgress<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(continuations);
        float[] scores = new float[continuations.Count];
        Workspace workspace = new();
        int done = 0;

        // Causality keeps padding on the right from mattering.
        foreach (int[] batch in LengthBatches.Cut([.. Enumerable.Range(0, continuations.Count)], i => ContinuationBatch.Length(continuations[i]), BatchTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            using Workspace.Scope scope = workspace.Open();
            Tensor sums = new ContinuationBatch([.. batch.Select(i => continuations[i])]).LogProbabilities(model);
            for (int i = 0; i < batch.Length; i++)
                scores[batch[i]] = sums.Values[i];
            progress?.Report(done += batch.Length);
        }

        return scores;
    }

    /// <summary>The same of a model for running, of any storage type; contexts that several continuations share are read once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="continuations">In any order.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="progress">Told how many are done.</param>
    public static ContinuationScore[] Score(
        LanguageDecoder model, IReadOnlyList<Continuation> continuations, CancellationToken cancellation, IProgress<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(continuations);
        return new DecoderScorer(model, continuations, progress, cancellation).Run();
    }

    private static void Require(IReadOnlyList<Continuation> continuations)
    {
        ArgumentNullException.ThrowIfNull(continuations);
        if (continuations.Any(c => c.Context.Length == 0 || c.Tokens.Length == 0))
            throw new ArgumentException("A context or a continuation has no tokens.", nameof(continuations));
    }
}
