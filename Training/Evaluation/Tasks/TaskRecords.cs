using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>Items of a task from its files: JSON lines or comma-separated values, packed with gzip or not.</summary>
internal static class TaskRecords
{
    private const string What = "Task file", Csv = ".csv", Lines = ".jsonl", Packed = ".gz";

    /// <summary>Items in the order of the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="item">Makes an item of a record.</param>
    /// <param name="limit">Most of them.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <param name="answers">The field that a file of answers beside it (<c>dev-labels.lst</c> beside <c>dev.jsonl</c>) fills; null for none.</param>
    /// <exception cref="InvalidDataException">The file is not as it should be.</exception>
    public static IReadOnlyList<T> Read<T>(string path, Func<DataRecord, T> item, int? limit, CancellationToken cancellation, string? answers = null)
    {
        string plain = path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase) ? path[..^Packed.Length] : path;
        IEnumerable<DataRecord> records = plain.EndsWith(Csv, StringComparison.OrdinalIgnoreCase)
            ? CsvRecords.Read(path, What, cancellation)
            : JsonRecords.Read(path, What, cancellation);
        string labels = Path.Combine(Path.GetDirectoryName(plain) ?? "", Path.GetFileNameWithoutExtension(plain) + "-labels.lst");
        return answers is not null && File.Exists(labels)
            ? [.. Answered(records, labels, answers, item).Take(limit ?? int.MaxValue)]
            : [.. records.Select(item).Take(limit ?? int.MaxValue)];
    }

    /// <summary>The file, or the files of a folder in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">The folder has none.</exception>
    public static IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        string[] files = Directory.GetFiles(path, "*" + Lines);
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new FileNotFoundException($"Folder '{path}' has no {Lines} file.", path);
    }

    private static IEnumerable<T> Answered<T>(IEnumerable<DataRecord> records, string labels, string field, Func<DataRecord, T> item)
    {
        string[] answers = [.. File.ReadAllLines(labels).Select(line => line.Trim()).Where(line => line.Length > 0)];
        int row = 0;
        foreach (DataRecord record in records)
        {
            if (row == answers.Length)
                throw new InvalidDataException($"{record.Place}: '{labels}' has {answers.Length} answers, and none for this line.");
            string answer = answers[row++];
            if (record.Has(field))
            {
                yield return item(record);
                continue;
            }

            JsonObject whole = JsonObject.Create(record.Json)!;
            whole[field] = answer;
            using var document = JsonDocument.Parse(whole.ToJsonString());
            yield return item(record.With(document.RootElement));
        }

        if (row < answers.Length)
            throw new InvalidDataException($"'{labels}' has {answers.Length} answers; there are {row} items.");
    }
}
