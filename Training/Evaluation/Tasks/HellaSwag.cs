using System.Text.RegularExpressions;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>HellaSwag: how does a description of something that people do go on?</summary>
internal static partial class HellaSwag
{
    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "hellaswag",
        Description = "HellaSwag: how a description goes on",
        MainMetric = ChoiceTask.PerCharacter,
        Files = new TaskFiles(["hellaswag.jsonl", "hellaswag_val.jsonl"], ["hellaswag"], ["validation.jsonl", "val.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation),
    };

    private static ChoiceItem Item(DataRecord record)
    {
        if (PreparedChoices.Fits(record))
            return PreparedChoices.Item(record);
        string context = $"{record.Text("activity_label")}: {record.TextOrEmpty("ctx_a")} {Capitalized(record.TextOrEmpty("ctx_b"))}";
        string[] endings = [.. record.Texts("endings").Select(Clean)];
        return ChoiceItem.Of(record.Name("ind"), Clean(context), endings, record.Number("label", 0, endings.Length - 1));
    }

    /// <summary>WikiHow's marks are taken out, as it is usual.</summary>
    internal static string Clean(string text) => Bracketed().Replace(text.Trim().Replace(" [title]", ". ", StringComparison.Ordinal), "").Replace("  ", " ", StringComparison.Ordinal);

    /// <summary>The first letter large and all others small.</summary>
    internal static string Capitalized(string text) =>
        text.Length == 0 ? text : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
