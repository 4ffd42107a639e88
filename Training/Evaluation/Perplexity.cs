using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="PerToken">exp(mean negative log-likelihood of a token).</param>
/// <param name="BitsPerByte">Total bits over the text's UTF-8 bytes, a line end counted as one byte.</param>
/// <param name="Tokens">Tokens predicted.</param>
public sealed record Perplexity(double PerToken, double BitsPerByte, long Tokens)
{
    /// <summary>
    /// Measures a model: the text is cut into windows that each start from an empty state, and every token but the first
    /// of the text is predicted once.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <param name="window">Tokens in a window.</param>
    /// <param name="spikes">Counts the spikes on the way, when given.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static Perplexity Measure(
        LanguageModel model, TokenizedText text, int window, SpikeStatistics? spikes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Measure(model, text.Ids, text.Utf8Bytes + text.LineCount, window, spikes, cancellation);
    }

    /// <summary>The same of ids.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="utf8Bytes">Bytes that they stand for, ends of documents included.</param>
    /// <param name="window">Tokens in a window.</param>
    /// <param name="spikes">Counts the spikes on the way, when given.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="starts">One for each id: true where a document begins, which then sees nothing of those before it; empty for nowhere.</param>
    public static Perplexity Measure(
        LanguageModel model, ReadOnlyMemory<int> ids, long utf8Bytes, int window, SpikeStatistics? spikes, CancellationToken cancellation,
        ReadOnlyMemory<bool> starts = default)
    {
        const int BatchTokens = 4096;
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        if (ids.Length < 2)
            throw new ArgumentException("The text has fewer than two tokens.", nameof(ids));

        window = Math.Min(window, model.Config.MaxLength ?? window);
        Workspace workspace = new();
        int perBatch = Math.Max(1, BatchTokens / window);
        int predicted = ids.Length - 1, at = 0;
        double nats = 0;
        while (at < predicted)
        {
            cancellation.ThrowIfCancellationRequested();

            // Full windows go in batches; the rest, shorter than a window, alone.
            int sequences = Math.Min(perBatch, (predicted - at) / window);
            int length = sequences == 0 ? predicted - at : sequences * window;
            using Workspace.Scope scope = workspace.Open();
            ForwardTrace trace = new() { Spikes = spikes, KeepsBlockOutputs = false };
            Tensor mean = model.Loss(
                ids.Slice(at, length), ids.Slice(at + 1, length), Math.Max(1, sequences), trace, starts.IsEmpty ? default : starts.Slice(at, length));
            nats += (double)mean.Item() * length;
            at += length;
        }

        return new Perplexity(Math.Exp(nats / predicted), nats / Math.Log(2) / utf8Bytes, predicted);
    }
}
