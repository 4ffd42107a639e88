using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// The layout that prepared files of all tasks share: <c>query</c>, <c>choices</c> and <c>gold</c>, or <c>contexts</c>, <c>continuation</c> and
/// <c>gold</c>, and an <c>id</c>.
/// </summary>
internal static class PreparedChoices
{
    public const string Id = "id", Query = "query", Choices = "choices", Gold = "gold";
    private const string Contexts = "contexts", Continuation = "continuation";

    /// <summary>Whether a record is laid out like that.</summary>
    public static bool Fits(DataRecord record) => record.Has(Query) || record.Has(Contexts);

    /// <summary>The item, with the query as its context.</summary>
    public static ChoiceItem Item(DataRecord record) => Item(record, query => query);

    /// <summary>The item, with a context made of the query.</summary>
    public static ChoiceItem Item(DataRecord record, Func<string, string> context)
    {
        IReadOnlyList<string> choices = record.Texts(record.Has(Contexts) ? Contexts : Choices);
        int gold = record.Number(Gold, 0, choices.Count - 1);
        return record.Has(Contexts)
            ? ChoiceItem.Partial(record.Name(Id), choices, record.Text(Continuation), gold)
            : ChoiceItem.Of(record.Name(Id), context(record.Text(Query)), choices, gold);
    }
}
