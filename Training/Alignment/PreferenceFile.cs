using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// Reads preference data: one JSON object per line with the fields <c>prompt</c>, <c>chosen</c> and <c>rejected</c>, or <c>prompt</c>,
/// <c>completion</c> and <c>label</c> (true: desirable). Other fields and blank lines are passed over; whatever else is wrong is an
/// <see cref="InvalidDataException"/> that names the file, the line and the field.
/// </summary>
public static class PreferenceFile
{
    private const string Prompt = "prompt", Chosen = "chosen", Rejected = "rejected", Completion = "completion", Label = "label";

    /// <summary>Pairs for DPO.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not such an object, or there is none.</exception>
    public static IReadOnlyList<PreferenceText> ReadPairs(string path, CancellationToken cancellation) =>
        Read<PreferenceText>(
            path,
            row => row.Has(Completion) && !row.Has(Chosen)
                ? throw row.Error(Chosen, $"is missing; with '{Completion}' this is data for KTO, which is not paired")
                : [Pair(row)],
            cancellation);

    /// <summary>Labelled completions for KTO. A pair gives two of them: the chosen one is desirable, the rejected one is not.</summary>
    /// <inheritdoc cref="ReadPairs"/>
    public static IReadOnlyList<LabelledText> ReadLabelled(string path, CancellationToken cancellation) =>
        Read(path, Labelled, cancellation);

    private static LabelledText[] Labelled(DataRecord row)
    {
        if (row.Has(Completion) || !row.Has(Chosen))
            return [new LabelledText(Text(row, Prompt), Text(row, Completion), row.Flag(Label))];
        PreferenceText pair = Pair(row);
        return [new LabelledText(pair.Prompt, pair.Chosen, true), new LabelledText(pair.Prompt, pair.Rejected, false)];
    }

    private static PreferenceText Pair(DataRecord row) => new(Text(row, Prompt), Text(row, Chosen), Text(row, Rejected));

    private static string Text(DataRecord row, string field) => row.IsList(field)
        ? throw row.Error(field, "is a list, expected text; bring conversations into one text per turn of the model first")
        : row.Text(field);

    private static List<T> Read<T>(string path, Func<DataRecord, T[]> read, CancellationToken cancellation) =>
        [.. JsonRecords.Read(path, "Preference file", cancellation).SelectMany(read)];
}
