using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// Likelihoods for another program: requests in, answers out, both as JSON lines, in the same order. A request has a <c>context</c> and a
/// <c>continuation</c>, or, for a whole text in rolling windows, a <c>text</c>; its <c>id</c>, if it has one, comes back with the answer.
/// </summary>
public static class RequestFile
{
    private const string Id = "id", Context = "context", Continuation = "continuation", Text = "text";

    /// <summary>Answers a file of requests.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="answers">The file to write, whole or not at all; its folder must exist.</param>
    /// <param name="maxLength">Tokens of a window.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>Number of requests.</returns>
    /// <exception cref="FileNotFoundException">There are no requests.</exception>
    /// <exception cref="InvalidDataException">A request is not as it should be: the message names file, line and field.</exception>
    public static int Answer(
        LanguageDecoder model, Tokenizer tokenizer, string requests, string answers, int maxLength = ZeroShot.DefaultMaxLength,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var context = EvaluationContext.Of(model, tokenizer, maxLength, progress, cancellation);
        RequestEncoder encoder = new(tokenizer, maxLength);
        List<(string? Id, bool Rolls, int Count)> asked = [];
        List<Continuation> continuations = [];
        foreach (DataRecord record in JsonRecords.Read(requests, "Request file", cancellation))
        {
            int before = continuations.Count;
            bool rolls = record.Has(Text);
            continuations.AddRange(rolls ? RollingWindows.Of(tokenizer.Encode(record.TextOrEmpty(Text)), encoder.Prefix, maxLength) : [Encode(record, encoder)]);
            asked.Add((record.Has(Id) ? record.Json.GetProperty(Id).GetRawText() : null, rolls, continuations.Count - before));
        }

        ContinuationScore[] scores = context.Score(continuations);
        AtomicFile.Write(answers, stream =>
        {
            int first = 0;
            foreach ((string? id, bool rolls, int count) in asked)
            {
                Range its = first..(first += count);
                Write(stream, id, scores[its], rolls, continuations[its].Sum(c => c.Tokens.Length));
            }
        });
        return asked.Count;
    }

    private static Continuation Encode(DataRecord record, RequestEncoder encoder)
    {
        LikelihoodRequest request = new(record.TextOrEmpty(Context), record.Text(Continuation));
        try
        {
            return encoder.Encode(request);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{record.Place}: {error.Message}", error);
        }
    }

    private static void Write(Stream stream, string? id, ContinuationScore[] scores, bool rolls, int tokens)
    {
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            if (id is not null)
            {
                json.WritePropertyName(Id);
                json.WriteRawValue(id);
            }

            json.WriteNumber("log_likelihood", scores.Sum(score => score.LogLikelihood));
            if (!rolls)
                json.WriteBoolean("is_greedy", scores.All(score => score.IsGreedy));
            json.WriteNumber("tokens", tokens);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
