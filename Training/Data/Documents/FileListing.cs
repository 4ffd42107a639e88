namespace SpikeEngine.Training.Data.Documents;

/// <summary>The files that paths of files and folders stand for.</summary>
/// <param name="Files">Files to read, with their formats, in order.</param>
/// <param name="Ignored">Files of folders that no format reads.</param>
internal sealed record FileListing(List<(string Path, IDocumentFormat Format)> Files, List<string> Ignored)
{
    /// <summary>
    /// Files in the order they are given; those of a folder, and of the folders in it, by the ordinal order of their paths. Names that
    /// begin with a dot and links to folders are passed over.
    /// </summary>
    public static FileListing Of(IReadOnlyList<string> paths, IReadOnlyList<IDocumentFormat> formats)
    {
        var listing = new FileListing([], []);
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
                listing.AddFolder(path, formats);
            else if (File.Exists(path))
                listing.Files.Add((path, FormatOfNamed(path, formats)));
            else
                throw new FileNotFoundException($"There is no text file or folder '{path}'.", path);
        }

        return listing;
    }

    private void AddFolder(string folder, IReadOnlyList<IDocumentFormat> formats)
    {
        int before = Files.Count;
        string[] found = [.. FilesIn(new DirectoryInfo(folder)).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))];
        Array.Sort(found, StringComparer.Ordinal);
        foreach (string name in found)
        {
            string path = Path.Combine(folder, name);
            if (FormatOf(path, formats) is { } format)
                Files.Add((path, format));
            else
                Ignored.Add(path);
        }

        if (Files.Count == before)
            throw new InvalidDataException($"Folder '{folder}' has no text to read: {found.Length} file(s), none of them {Known(formats)}.");
    }

    private static IEnumerable<string> FilesIn(DirectoryInfo folder) =>
        folder.EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.').SelectMany(entry => entry switch
        {
            // A link to a folder may lead back to where one is.
            DirectoryInfo inner => inner.LinkTarget is null ? FilesIn(inner) : [],
            _ => [entry.FullName],
        });

    /// <summary>A file that was named is meant; without any ending it is text, as enwik8 is.</summary>
    private static IDocumentFormat FormatOfNamed(string path, IReadOnlyList<IDocumentFormat> formats) =>
        FormatOf(Path.HasExtension(path) ? path : path + ".txt", formats)
        ?? throw new InvalidDataException($"File '{path}' has an ending that is not known; there are {Known(formats)}.");

    private static IDocumentFormat? FormatOf(string path, IReadOnlyList<IDocumentFormat> formats) =>
        formats.FirstOrDefault(f => f.Extensions.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)));

    private static string Known(IReadOnlyList<IDocumentFormat> formats) => string.Join(", ", formats.SelectMany(f => f.Extensions));
}
