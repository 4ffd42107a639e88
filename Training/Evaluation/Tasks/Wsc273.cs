using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>The Winograd schemas: whom does a pronoun mean? Scored as <see cref="WinoGrande"/> is.</summary>
internal static class Wsc273
{
    private const string Pronoun = "pronoun", Place = "pronoun_loc", Options = "options";

    private static readonly string[] s_owners = ["my", "his", "her", "our", "their"];
    private static readonly string[] s_large = ["A", "An", "The", "She", "He", "It", "They", "My", "His", "Her", "Their"];

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "wsc273",
        Description = "Winograd schemas: whom a pronoun means",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["wsc273.jsonl"], ["wsc273", "winograd_wsc"], ["test.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation),
    };

    private static ChoiceItem Item(DataRecord record)
    {
        if (PreparedChoices.Fits(record))
            return PreparedChoices.Item(record);
        string text = record.Text("text").Replace("  ", " ", StringComparison.Ordinal), pronoun = record.Text(Pronoun);
        int at = record.Number(Place, 0, text.Length - pronoun.Length);
        IReadOnlyList<string> options = record.Texts(Options);
        bool begins = at < 2 || text[at - 2] == '.';
        return ChoiceItem.Partial(
            record.Name("id"), [.. options.Select(option => text[..at] + Fitting(option, pronoun, begins))], text[(at + pronoun.Length)..].Trim(),
            record.Number("label", 0, options.Count - 1));
    }

    /// <summary>An option in the pronoun's place: with 's for an owner, and its article small within a sentence.</summary>
    private static string Fitting(string option, string pronoun, bool begins)
    {
        string fitting = s_owners.Contains(pronoun, StringComparer.OrdinalIgnoreCase) ? option + "'s" : option;
        string first = fitting.Split(' ')[0];
        return !begins && s_large.Contains(first) ? first.ToLowerInvariant() + fitting[first.Length..] : fitting;
    }
}
