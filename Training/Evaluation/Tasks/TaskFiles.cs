using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// Names under which a task's data are looked for: in the folder, in its folders one level below, and, names that many tasks use
/// (<c>test.jsonl</c>), only in a folder that is named after the task; packed with gzip too.
/// </summary>
/// <param name="Names">Names that say which task it is.</param>
/// <param name="Folders">Names of a folder that has nothing but this task.</param>
/// <param name="CommonNames">Names within such a folder.</param>
internal sealed record TaskFiles(IReadOnlyList<string> Names, IReadOnlyList<string> Folders, IReadOnlyList<string> CommonNames)
{
    /// <summary>Of a task whose name has its file.</summary>
    public static TaskFiles None { get; } = new([], [], []);

    /// <summary>The first that is there.</summary>
    /// <param name="task">The task, for the message.</param>
    /// <param name="folderOrFile">A folder to look in, or the file itself.</param>
    /// <exception cref="FileNotFoundException">There is none; the message lists the names.</exception>
    /// <exception cref="DirectoryNotFoundException">There is neither such a folder nor such a file.</exception>
    public string Find(string task, string folderOrFile)
    {
        if (File.Exists(folderOrFile))
            return folderOrFile;
        if (!Directory.Exists(folderOrFile))
            throw new DirectoryNotFoundException($"Folder '{folderOrFile}', where the data of {task} should be, does not exist.");
        return Candidates(folderOrFile).SelectMany(path => (string[])[path, path + SourceFile.GzipExtension]).FirstOrDefault(path => File.Exists(path) || Directory.Exists(path)) ?? throw new FileNotFoundException(
            $"'{folderOrFile}' has no data of {task}: neither it nor a folder in it has {string.Join(" or ", Names)}"
            + (CommonNames.Count > 0 ? $", and no {string.Join(" or ", Folders.Select(f => f + "/"))} with {string.Join(" or ", CommonNames)}." : "."),
            folderOrFile);
    }

    private IEnumerable<string> Candidates(string folder)
    {
        string[] inside = Directory.GetDirectories(folder);
        Array.Sort(inside, StringComparer.Ordinal);
        foreach (string name in Names)
        {
            foreach (string place in (string[])[folder, .. inside])
                yield return Path.Combine(place, name);
        }

        foreach (string place in (string[])[folder, .. inside])
        {
            if (!Folders.Contains(Path.GetFileName(Path.GetFullPath(place)), StringComparer.OrdinalIgnoreCase))
                continue;
            foreach (string name in CommonNames)
                yield return Path.Combine(place, name);
        }
    }
}
