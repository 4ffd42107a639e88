namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>ARC: questions from school tests of natural science, easy ones and ones that simple methods fail at.</summary>
internal static class Arc
{
    public static EvaluationTask Easy { get; } = Of("arc_easy", "ARC, the easy questions of school science", ChoiceTask.Accuracy, "ARC-Easy");

    public static EvaluationTask Challenge { get; } = Of("arc_challenge", "ARC, the hard questions of school science", ChoiceTask.PerCharacter, "ARC-Challenge");

    private static ChoiceTask Of(string name, string description, string mainMetric, string published) => new()
    {
        Name = name,
        Description = description,
        MainMetric = mainMetric,
        Files = new TaskFiles([$"{name}.jsonl", $"{published}-Test.jsonl"], [name, published], ["test.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, record => LabelledAnswers.Item(record, "question", Prompts.Question), limit, cancellation),
    };
}
