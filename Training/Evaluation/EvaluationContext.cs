using SpikeEngine.Model;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Evaluation;

/// <summary>The model under test.</summary>
/// <param name="Model">It.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="MaxLength">Tokens of a window.</param>
/// <param name="Progress">Told the share that is done.</param>
/// <param name="Cancellation">Stops between two batches.</param>
internal sealed record EvaluationContext(LanguageDecoder Model, Tokenizer Tokenizer, int MaxLength, IProgress<double>? Progress, CancellationToken Cancellation)
{
    /// <summary>Tokens of a window, unless something else is asked for: what published figures of Mamba models were measured with.</summary>
    public const int DefaultMaxLength = 2048;

    /// <summary>The context of a model and a tokenizer that belong together.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static EvaluationContext Of(
        LanguageDecoder model, Tokenizer tokenizer, int maxLength, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        return tokenizer.VocabSize <= model.Config.VocabSize
            ? new EvaluationContext(model, tokenizer, Math.Min(maxLength, model.Config.MaxLength ?? maxLength), progress, cancellation)
            : throw new InvalidDataException($"The tokenizer has {tokenizer.VocabSize} tokens, the model {model.Config.VocabSize}: they do not belong together.");
    }

    /// <summary>Answers requests.</summary>
    public ScoredRequest[] Score(IReadOnlyList<LikelihoodRequest> requests)
    {
        RequestEncoder encoder = new(Tokenizer, MaxLength);
        Continuation[] continuations = [.. requests.Select(encoder.Encode)];
        ContinuationScore[] scores = Score(continuations);
        return [.. requests.Select((request, i) => new ScoredRequest(request, scores[i].LogLikelihood, scores[i].IsGreedy, continuations[i].Tokens.Length))];
    }

    /// <summary>The same of tokens.</summary>
    /// <exception cref="InvalidDataException">The model gives no number.</exception>
    public ContinuationScore[] Score(IReadOnlyList<Continuation> continuations)
    {
        ContinuationScore[] scores = ContinuationScorer.Score(
            Model, continuations, Cancellation, Progress is null ? null : new Share(Progress, continuations.Count));
        return scores.All(score => double.IsFinite(score.LogLikelihood))
            ? scores
            : throw new InvalidDataException("The model's log-likelihoods are not finite: its weights are damaged, or its training failed.");
    }

    private sealed class Share(IProgress<double> progress, int all) : IProgress<int>
    {
        public void Report(int value) => progress.Report((double)value / all);
    }
}
