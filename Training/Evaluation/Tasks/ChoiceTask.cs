using System.Globalization;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// Questions with answers to choose from, without an example: the answer with the highest log-likelihood is chosen (<c>acc</c>), or the one
/// with the highest per character (<c>acc_norm</c>) or byte (<c>acc_bytes</c>). Of equals the first is chosen.
/// </summary>
internal sealed class ChoiceTask : EvaluationTask
{
    public const string Accuracy = "acc", PerCharacter = "acc_norm", PerByte = "acc_bytes";

    /// <summary>Reads the items of a path, the first of them when there is a limit.</summary>
    public required Func<string, int?, CancellationToken, IReadOnlyList<ChoiceItem>> Items { get; init; }

    /// <inheritdoc/>
    public override TaskResult Run(EvaluationContext context, string path, int? limit) =>
        Score(context, Name, MainMetric, Items(path, limit, context.Cancellation));

    /// <summary>Evaluates a model on items, of which there is at least one.</summary>
    public static TaskResult Score(EvaluationContext context, string name, string mainMetric, IReadOnlyList<ChoiceItem> items)
    {
        ScoredRequest[] scored = context.Score([.. items.SelectMany(item => item.Requests)]);
        TaskSample[] samples = new TaskSample[items.Count];
        for (int i = 0, first = 0; i < samples.Length; first += items[i++].Requests.Count)
            samples[i] = Sample(items[i], i, scored[first..(first + items[i].Requests.Count)]);

        return new TaskResult
        {
            Task = name,
            Items = items.Count,
            Tokens = scored.Sum(request => (long)request.Tokens),
            Metrics = Metrics(samples),
            MainMetric = mainMetric,
            Groups = [.. items.Zip(samples).SelectMany(pair => pair.First.Groups ?? [], (pair, group) => (group, pair.Second))
                .GroupBy(pair => pair.group, pair => pair.Second)
                .Select(group => new TaskGroup(group.Key.Kind, group.Key.Name, group.Count(), Metrics([.. group])))],
            Samples = samples,
        };
    }

    private static TaskSample Sample(ChoiceItem item, int index, ScoredRequest[] requests)
    {
        List<(string Metric, int Choice)> chosen = [(Accuracy, Best(requests, _ => 1))];
        if (item.Lengths is { } lengths)
        {
            chosen.Add((PerCharacter, Best(requests, choice => lengths[choice].Characters)));
            chosen.Add((PerByte, Best(requests, choice => lengths[choice].Bytes)));
        }

        return new TaskSample
        {
            Id = item.Id ?? index.ToString(CultureInfo.InvariantCulture),
            Requests = requests,
            Gold = item.Gold,
            Chosen = chosen,
            Values = [.. chosen.Select(by => (by.Metric, by.Choice == item.Gold ? 1.0 : 0.0))],
        };
    }

    private static int Best(ScoredRequest[] requests, Func<int, int> length)
    {
        int best = 0;
        for (int choice = 1; choice < requests.Length; choice++)
        {
            if (requests[choice].LogLikelihood / length(choice) > requests[best].LogLikelihood / length(best))
                best = choice;
        }

        return best;
    }

    private static TaskMetric[] Metrics(TaskSample[] samples) =>
        [.. samples[0].Values.Select((value, i) => Estimates.Mean(value.Metric, [.. samples.Select(sample => sample.Values[i].Value)]))];
}
