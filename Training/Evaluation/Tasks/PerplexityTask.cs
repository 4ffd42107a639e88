using System.Globalization;
using System.Text;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>A document to predict.</summary>
/// <param name="Original">As it is in the file: words and bytes are counted here.</param>
/// <param name="Text">As the model reads it.</param>
internal sealed record TextDocument(string Original, string Text);

/// <summary>
/// How well a model predicts documents, each from an empty state and behind the token that parts texts, in <see cref="RollingWindows"/>:
/// exp(-Σ ln p / words), the same by bytes and characters, and, which is another number, by tokens in blocks of the whole text.
/// </summary>
internal sealed class PerplexityTask : EvaluationTask
{
    public const string ByWord = "word_perplexity", ByByte = "byte_perplexity", BitsPerByte = "bits_per_byte", BitsPerCharacter = "bits_per_char",
        ByToken = "token_perplexity";

    /// <summary>Reads the documents of a path.</summary>
    public required Func<string, CancellationToken, IReadOnlyList<TextDocument>> Documents { get; init; }

    /// <summary>What stands between documents in the whole text.</summary>
    public required string Separator { get; init; }

    /// <inheritdoc/>
    public override TaskResult Run(EvaluationContext context, string path, int? limit)
    {
        TextDocument[] documents = [.. Documents(path, context.Cancellation).Take(limit ?? int.MaxValue)];
        int prefix = new RequestEncoder(context.Tokenizer, context.MaxLength).Prefix;
        List<Continuation> windows = [];
        int[] counts = new int[documents.Length];   // windows of each document
        for (int i = 0; i < documents.Length; i++)
        {
            int before = windows.Count;
            windows.AddRange(RollingWindows.Of(context.Tokenizer.Encode(documents[i].Text), prefix, context.MaxLength));
            counts[i] = windows.Count - before;
        }

        int rolling = windows.Count;
        windows.AddRange(RollingWindows.Blocks(WholeText(documents, context.Tokenizer), context.MaxLength));
        ContinuationScore[] scores = context.Score(windows);

        TaskSample[] samples = new TaskSample[documents.Length];
        for (int i = 0, first = 0; i < samples.Length; first += counts[i++])
        {
            Range its = first..(first + counts[i]);
            samples[i] = Sample(documents[i], i, scores[its].Sum(score => score.LogLikelihood), windows[its].Sum(window => window.Tokens.Length));
        }

        double nats = -samples.Sum(sample => sample.Requests[0].LogLikelihood);
        double words = samples.Sum(sample => Value(sample, "words")), bytes = samples.Sum(sample => Value(sample, "bytes"));
        double characters = samples.Sum(sample => Value(sample, "characters"));
        List<TaskMetric> metrics =
        [
            new(ByWord, Math.Exp(nats / words), null), new(ByByte, Math.Exp(nats / bytes), null),
            new(BitsPerByte, nats / Math.Log(2) / bytes, null), new(BitsPerCharacter, nats / Math.Log(2) / characters, null),
        ];
        long inBlocks = windows.Skip(rolling).Sum(window => (long)window.Tokens.Length);
        if (inBlocks > 0)
            metrics.Add(new TaskMetric(ByToken, Math.Exp(-scores.Skip(rolling).Sum(score => score.LogLikelihood) / inBlocks), null));
        return new TaskResult
        {
            Task = Name,
            Items = documents.Length,
            Tokens = samples.Sum(sample => (long)sample.Requests[0].Tokens),
            Metrics = metrics,
            MainMetric = MainMetric,
            Samples = samples,
        };
    }

    private int[] WholeText(TextDocument[] documents, Tokenizer tokenizer) =>
        tokenizer.Encode(string.Join(Separator, documents.Select(document => document.Original)));

    private static TaskSample Sample(TextDocument document, int index, double logLikelihood, int tokens)
    {
        int words = Words(document.Original), bytes = Encoding.UTF8.GetByteCount(document.Original);
        return new TaskSample
        {
            Id = index.ToString(CultureInfo.InvariantCulture),
            Requests = [new ScoredRequest(new LikelihoodRequest("", document.Text), logLikelihood, IsGreedy: false, tokens)],
            Values =
            [
                ("words", words), ("bytes", bytes), ("characters", document.Original.EnumerateRunes().Count()), (ByWord, Math.Exp(-logLikelihood / words)),
            ],
        };
    }

    private static double Value(TaskSample sample, string name) => sample.Values.First(value => value.Metric == name).Value;

    /// <summary>Pieces between runs of white space; one at the beginning or the end of a text has an empty piece beside it, as Python's split does it.</summary>
    internal static int Words(string text)
    {
        int pieces = 1;
        for (int i = 0; i < text.Length; i++)
            pieces += char.IsWhiteSpace(text[i]) && (i == 0 || !char.IsWhiteSpace(text[i - 1])) ? 1 : 0;
        return pieces;
    }
}
