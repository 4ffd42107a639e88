using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// Questions whose answers have labels (A, B ... or 1, 2 ...) and an <c>answerKey</c>, as Allen AI publishes them (<c>question</c> with <c>stem</c> and
/// a list of <c>choices</c>) and as Hugging Face has them (<c>choices</c> with lists of <c>text</c> and <c>label</c>); also prepared files.
/// </summary>
internal static class LabelledAnswers
{
    private const string Question = "question", Choices = "choices", Text = "text", Label = "label", AnswerKey = "answerKey";

    /// <summary>The item.</summary>
    /// <param name="record">Where it comes from.</param>
    /// <param name="stem">The field of the question where it is not an object.</param>
    /// <param name="context">Makes a context of the question.</param>
    public static ChoiceItem Item(DataRecord record, string stem, Func<string, string> context)
    {
        if (PreparedChoices.Fits(record))
            return PreparedChoices.Item(record, context);
        bool nested = record.IsObject(Question);
        DataRecord holder = nested ? record.Object(Question) : record;
        (IReadOnlyList<string> texts, IReadOnlyList<string> labels) = Answers(holder);
        string key = record.Text(AnswerKey).Trim();
        int gold = labels.ToList().IndexOf(key);
        return gold >= 0
            ? ChoiceItem.Of(record.Name("id"), context(holder.Text(nested ? "stem" : stem)), texts, gold)
            : throw record.Error(AnswerKey, $"is '{key}'; the answers are {string.Join(", ", labels)}");
    }

    private static (IReadOnlyList<string> Texts, IReadOnlyList<string> Labels) Answers(DataRecord holder)
    {
        if (!holder.IsObject(Choices))
        {
            IReadOnlyList<DataRecord> list = holder.Objects(Choices);
            return ([.. list.Select(choice => choice.Text(Text))], [.. list.Select(choice => choice.Text(Label))]);
        }

        DataRecord choices = holder.Object(Choices);
        IReadOnlyList<string> texts = choices.Texts(Text), labels = choices.Texts(Label);
        return texts.Count == labels.Count ? (texts, labels) : throw choices.Error(Label, $"has {labels.Count} labels for {texts.Count} texts");
    }
}
