namespace SpikeEngine.Tests.Reference;

/// <summary>Where the golden vectors are: beside the test assembly, unless SPIKE_REFERENCE_DIR names another folder.</summary>
public static class GoldenFiles
{
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("SPIKE_REFERENCE_DIR") is { Length: > 0 } folder
            ? folder
            : Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>The path of a group such as <c>C_ops</c>.</summary>
    public static string Folder(string group) => Path.Combine(Root, group);

    /// <summary>The files of a group in a fixed order. None is an error: a test over nothing would pass.</summary>
    public static IEnumerable<string> Files(string group, string pattern)
    {
        string[] files = Directory.GetFiles(Folder(group), pattern);
        if (files.Length == 0)
            throw new FileNotFoundException($"no golden file {pattern} in {Folder(group)}");

        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
