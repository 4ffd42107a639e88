using System.Globalization;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// LAMBADA: the last word of a passage, which only the whole passage tells. <c>acc</c> is the share of words that greedy decoding writes,
/// <c>perplexity</c> exp(-mean log-likelihood of a word), whatever number of tokens it has.
/// </summary>
internal sealed class Lambada : EvaluationTask
{
    private const string Perplexity = "perplexity";

    public static EvaluationTask Task { get; } = new Lambada
    {
        Name = "lambada",
        Description = "LAMBADA: the last word of a passage",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["lambada.jsonl", "lambada_test.jsonl", "lambada_test_en.jsonl", "lambada.csv"], ["lambada", "lambada_openai"], ["test.jsonl"]),
    };

    /// <inheritdoc/>
    public override TaskResult Run(EvaluationContext context, string path, int? limit)
    {
        IReadOnlyList<(string? Id, LikelihoodRequest Request)> items = TaskRecords.Read(path, Item, limit, context.Cancellation);
        ScoredRequest[] scored = context.Score([.. items.Select(item => item.Request)]);
        return new TaskResult
        {
            Task = Name,
            Items = items.Count,
            Tokens = scored.Sum(request => (long)request.Tokens),
            Metrics =
            [
                Estimates.Mean(ChoiceTask.Accuracy, [.. scored.Select(request => request.IsGreedy ? 1.0 : 0.0)]),
                Estimates.Perplexity(Perplexity, [.. scored.Select(request => request.LogLikelihood)]),
            ],
            MainMetric = MainMetric,
            Samples = [.. scored.Select((request, i) => new TaskSample
            {
                Id = items[i].Id ?? i.ToString(CultureInfo.InvariantCulture),
                Requests = [request],
                Values = [(ChoiceTask.Accuracy, request.IsGreedy ? 1 : 0), (Perplexity, Math.Exp(-request.LogLikelihood))],
            })],
        };
    }

    private static (string? Id, LikelihoodRequest Request) Item(DataRecord record)
    {
        if (record.Has("target"))
            return (record.Name(PreparedChoices.Id), new LikelihoodRequest(record.Text("context"), " " + record.Text("target")));
        string text = record.Text("text");
        int last = text.LastIndexOf(' ');
        return last > 0 && last + 1 < text.Length
            ? (record.Name(PreparedChoices.Id), new LikelihoodRequest(text[..last], text[last..]))
            : throw record.Error("text", "has no last word behind a blank");
    }
}
