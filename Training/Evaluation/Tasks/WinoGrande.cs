using System.Globalization;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// WinoGrande: whom does a sentence speak of? Both names are put in its gap, and what decides is how likely the rest of the sentence, the same
/// for both, is behind them.
/// </summary>
internal static class WinoGrande
{
    private const string Sentence = "sentence", Answer = "answer";

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "winogrande",
        Description = "WinoGrande: whom a sentence speaks of",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["winogrande.jsonl", "winogrande.csv"], ["winogrande", "winogrande_1.1"], ["dev.jsonl", "validation.jsonl", "validation.csv"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation, answers: Answer),
    };

    private static ChoiceItem Item(DataRecord record)
    {
        if (PreparedChoices.Fits(record))
            return PreparedChoices.Item(record);
        string sentence = record.Text(Sentence);
        int gap = sentence.IndexOf('_', StringComparison.Ordinal);
        if (gap < 0)
            throw record.Error(Sentence, "has no '_' for the gap");
        string rest = sentence[(gap + 1)..].Trim();
        if (rest.Length == 0)
            throw record.Error(Sentence, "has nothing after its '_'");
        string[] contexts = [sentence[..gap] + record.Text("option1"), sentence[..gap] + record.Text("option2")];
        return ChoiceItem.Partial(record.Name("qID"), contexts, rest, record.Number(Answer, 1, 2) - 1);
    }
}
