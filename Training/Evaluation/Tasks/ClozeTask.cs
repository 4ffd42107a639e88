using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>A cloze test made of a text file.</summary>
internal static class ClozeTask
{
    private const int DefaultItems = 500;
    private const ulong Seed = 1;

    /// <summary>The task of a file.</summary>
    /// <param name="name">As it was asked for.</param>
    public static EvaluationTask Of(string name) => new ChoiceTask
    {
        Name = name,
        Description = "any text: which second half belongs to the first half of a sentence",
        MainMetric = ChoiceTask.PerByte,
        Files = TaskFiles.None,
        Items = Read,
    };

    private static IReadOnlyList<ChoiceItem> Read(string path, int? limit, CancellationToken cancellation) =>
        [.. ClozeLines.MakeItems(TextFile.ReadLines(path, cancellation), limit ?? DefaultItems, Seed).Select(Cloze.Question)];
}
