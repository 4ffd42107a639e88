using SpikeEngine.Training.Data;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>data</c>: what to read, and in what pieces.</summary>
public sealed record DataSettings
{
    /// <summary>In the place of a path: the documentation that the .NET SDK carries.</summary>
    public const string SdkDocs = "sdk-docs";

    /// <summary>Share of the text that is held out when nothing is said.</summary>
    public const double UsualValidationShare = 0.02;

    /// <summary>Files and folders to learn from, or <see cref="SdkDocs"/>.</summary>
    public IReadOnlyList<string> Train { get; init; } = [];

    /// <summary>Files and folders to be measured on; without any, the end of <see cref="Train"/> is held out.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>Share of the text to hold out, its last documents; null when <see cref="Validation"/> is given.</summary>
    public double? ValidationShare { get; init; } = UsualValidationShare;

    /// <summary>Most tokens that a measurement reads.</summary>
    public long MostValidationTokens { get; init; } = 50_000;

    /// <summary>Where text files part into documents, as <see cref="TextSplit.Parse"/> reads it.</summary>
    public string Split { get; init; } = TextSplit.AtEndOfText.Name;

    /// <summary>The field of a JSON line, or the column of a Parquet file, that holds the text.</summary>
    public string TextField { get; init; } = "text";

    /// <summary>Tokens of a training sequence; of an alignment, the most of a prompt with its completion.</summary>
    public int SequenceLength { get; init; } = 128;

    /// <summary>Sequences in a batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Whether the model's state starts anew where a document does.</summary>
    public bool ResetState { get; init; }

    /// <summary>Folder of tokenised texts and reference scores, shared by runs; null takes <see cref="TokenCache.DefaultFolder"/>.</summary>
    public string? Cache { get; init; }

    internal static DataSettings Pass(ISettings s, DataSettings d)
    {
        bool given = s.OnlyOne("validation", "validation_share");
        DataSettings data = Common(s, d) with
        {
            Validation = s.Texts("validation", given ? [] : d.Validation),
            ValidationShare = s.NumberOrNone("validation_share", given ? null : d.ValidationShare, Allowed.Between0And1),
            MostValidationTokens = s.WholeOrNone("most_validation_tokens", d.MostValidationTokens, 2) ?? long.MaxValue,
            Split = s.Parsed("split", d.Split, text => TextSplit.Parse(text)),
            TextField = s.Text("text_field", d.TextField),
            ResetState = s.Switch("reset_state", d.ResetState),
            Cache = s.TextOrNone("cache", d.Cache),
        };
        return data;
    }

    /// <summary>Of an alignment, whose data are pairs and not a text.</summary>
    internal static DataSettings PassPairs(ISettings s, DataSettings d) => Common(s, d) with
    {
        Validation = s.Texts("validation", d.Validation),
        ValidationShare = null,
        Cache = s.TextOrNone("cache", d.Cache),
    };

    private static DataSettings Common(ISettings s, DataSettings d) => d with
    {
        Train = s.Texts("train", d.Train),
        SequenceLength = s.Whole("sequence_length", d.SequenceLength, 1),
        BatchSize = s.Whole("batch_size", d.BatchSize, 1),
    };
}
