namespace SpikeEngine.Model.Checkpoints;

/// <summary>Writes a folder of files that belong together, such as weights and their configuration, whole or not at all.</summary>
public static class AtomicFolder
{
    private const string Partial = ".partial-", Previous = ".previous-";

    /// <summary>
    /// Lets <paramref name="fill"/> write into a sibling <c>NAME.partial-ID</c>, then swaps it in by renames; an older
    /// folder steps aside first and is removed last. When <paramref name="fill"/> throws, the old folder stays as it was.
    /// </summary>
    /// <param name="folder">The folder to create or replace as a whole. Its parent must exist.</param>
    /// <param name="fill">Receives the path of the temporary folder.</param>
    public static void Write(string folder, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(fill);

        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target))
            throw new IOException($"{target}: a file is in the place of the folder to write");

        string suffix = TemporaryName.Suffix();
        string partial = target + Partial + suffix;
        string previous = target + Previous + suffix;
        try
        {
            RequireParent(target);
            Directory.CreateDirectory(partial);
            fill(partial);
            FlushToDisk(partial);
            Swap(partial, target, previous);
            DirectoryFlush.ToDisk(Path.GetDirectoryName(target)!);
        }
        catch
        {
            DeleteQuietly(partial);
            throw;
        }

        // The new folder is in place: a leftover of the old one is untidy, not an error.
        DeleteQuietly(previous);
    }

    /// <summary>Whether a folder of this name is what a killed process has left of a write.</summary>
    /// <param name="name">The name, or a path that ends with it.</param>
    public static bool IsLeftover(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains(Partial, StringComparison.Ordinal) || name.Contains(Previous, StringComparison.Ordinal);
    }

    private static void RequireParent(string target)
    {
        string? parent = Path.GetDirectoryName(target);
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"{target}: the parent folder does not exist");
    }

    /// <summary>A folder cannot be renamed over another, so for an instant neither is there; both are whole on disk.</summary>
    private static void Swap(string partial, string target, string previous)
    {
        bool replaces = Directory.Exists(target);
        if (replaces)
            Directory.Move(target, previous);
        try
        {
            Directory.Move(partial, target);
        }
        catch when (replaces)
        {
            Directory.Move(previous, target);
            throw;
        }
    }

    private static void FlushToDisk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }

        // The files' names are the content of their folders, and those have to be on the disk as well.
        foreach (string inside in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
            DirectoryFlush.ToDisk(inside);
        DirectoryFlush.ToDisk(folder);
    }

    private static void DeleteQuietly(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
