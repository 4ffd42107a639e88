using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>Items of a task from its files.</summary>
internal static class TaskRecords
{
    private const string What = "Task file";

    /// <summary>Items in the order of the file.</summary>
    /// <param name="path">JSON lines.</param>
    /// <param name="item">Makes an item of a record.</param>
    /// <param name="limit">Most of them.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    public static IReadOnlyList<T> Read<T>(string path, Func<DataRecord, T> item, int? limit, CancellationToken cancellation) =>
        [.. JsonRecords.Read(path, What, cancellation).Select(item).Take(limit ?? int.MaxValue)];

    /// <summary>The file, or the files of a folder in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">The folder has none.</exception>
    public static IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        string[] files = Directory.GetFiles(path, "*.jsonl");
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new FileNotFoundException($"Folder '{path}' has no .jsonl file.", path);
    }
}
