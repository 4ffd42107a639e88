namespace SpikeEngine.Training.Data.Documents;

/// <summary>How files become documents.</summary>
public sealed record DocumentOptions
{
    /// <summary>Where a text file parts into documents.</summary>
    public TextSplit Split { get; init; } = TextSplit.AtEndOfText;

    /// <summary>The field of a JSON record, or the column of a table, that has the text.</summary>
    public string TextField { get; init; } = "text";
}
