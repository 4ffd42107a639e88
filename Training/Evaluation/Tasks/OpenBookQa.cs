namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>OpenBookQA: sentences about elementary science to be completed, without the book.</summary>
internal static class OpenBookQa
{
    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "openbookqa",
        Description = "OpenBookQA: elementary science, without the book",
        MainMetric = ChoiceTask.PerCharacter,
        Files = new TaskFiles(["openbookqa.jsonl"], ["openbookqa", "Main"], ["test.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, record => LabelledAnswers.Item(record, "question_stem", Prompts.Plain), limit, cancellation),
    };
}
