using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>PIQA: which of two ways reaches a goal in the physical world?</summary>
internal static class Piqa
{
    private const string Label = "label";

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "piqa",
        Description = "PIQA: which of two ways reaches a goal",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["piqa.jsonl", "piqa.csv"], ["piqa", "physicaliqa-train-dev"], ["valid.jsonl", "validation.jsonl", "dev.jsonl", "validation.csv"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation, answers: Label),
    };

    private static ChoiceItem Item(DataRecord record) => PreparedChoices.Fits(record)
        ? PreparedChoices.Item(record, Prompts.Question)
        : ChoiceItem.Of(record.Name("id"), Prompts.Question(record.Text("goal")), [record.Text("sol1"), record.Text("sol2")], record.Number(Label, 0, 1));
}
