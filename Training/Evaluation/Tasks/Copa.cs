using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>COPA: which of two sentences is the cause or the effect of another?</summary>
internal static class Copa
{
    private const string Question = "question";

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "copa",
        Description = "COPA: which of two sentences is the cause or the effect",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["copa.jsonl"], ["copa"], ["val.jsonl", "validation.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation),
    };

    private static ChoiceItem Item(DataRecord record)
    {
        if (PreparedChoices.Fits(record))
            return PreparedChoices.Item(record);
        string connector = record.Text(Question) switch
        {
            "cause" => "because",
            "effect" => "therefore",
            string other => throw record.Error(Question, $"is '{other}', expected cause or effect"),
        };
        string premise = record.Text("premise").Trim();
        return ChoiceItem.Of(
            record.Name("idx"), $"{premise[..^1]} {connector}", [Small(record.Text("choice1")), Small(record.Text("choice2"))], record.Number("label", 0, 1));
    }

    /// <summary>A sentence that goes on with another one begins with a small letter.</summary>
    private static string Small(string sentence) => sentence[..1].ToLowerInvariant() + sentence[1..];
}
