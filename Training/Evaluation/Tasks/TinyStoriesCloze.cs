using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>Stories up to a point, and four sentences of which one comes next.</summary>
internal static class TinyStoriesCloze
{
    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "tinystories_cloze",
        Description = "TinyStories: which of four sentences comes next",
        MainMetric = ChoiceTask.PerCharacter,
        Files = new TaskFiles(["tinystories_cloze.jsonl"], ["tinystories_cloze"], ["cloze.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, PreparedChoices.Item, limit, cancellation),
    };
}
