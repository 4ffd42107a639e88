using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>BoolQ: does a passage say yes to a question?</summary>
internal static class BoolQ
{
    private const string Passage = "passage", Question = "question", Title = "title", Label = "label", Answer = "answer";

    private static readonly string[] s_answers = ["no", "yes"];

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "boolq",
        Description = "BoolQ: whether a passage says yes to a question",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["boolq.jsonl"], ["boolq"], ["val.jsonl", "dev.jsonl", "validation.jsonl"]),
        Items = (path, limit, cancellation) => TaskRecords.Read(path, Item, limit, cancellation),
    };

    private static ChoiceItem Item(DataRecord record)
    {
        if (PreparedChoices.Fits(record))
        {
            string passage = record.Text(Passage);
            return PreparedChoices.Item(record, query => Prompts.Question(passage, query));
        }

        // SuperGLUE's passages, which published figures are about, begin with the title that the original has in a field.
        string text = record.Has(Title) ? $"{record.Text(Title)} -- {record.Text(Passage)}" : record.Text(Passage);
        return ChoiceItem.Of(record.Name("idx"), Prompts.Question(text, record.Text(Question) + "?"), s_answers, Gold(record, record.Has(Label) ? Label : Answer));
    }

    private static int Gold(DataRecord record, string field) => record.IsFlag(field) ? record.Flag(field) ? 1 : 0 : record.Number(field, 0, 1);
}
