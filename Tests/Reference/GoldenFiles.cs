namespace SpikeEngine.Tests.Reference;

/// <summary>Where the golden vectors are: beside the test assembly, unless SPIKE_REFERENCE_DIR names another folder.</summary>
public static class GoldenFiles
{
    private static readonly string? s_swapped =
        Environment.GetEnvironmentVariable("SPIKE_REFERENCE_DIR") is { Length: > 0 } folder ? folder : null;

    public static string Root { get; } = s_swapped ?? Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>Whether the vectors are those of this project, so that it is known how many there are.</summary>
    public static bool AreOurs => s_swapped is null;

    /// <summary>Names of the models that have a Hugging Face folder and expected values.</summary>
    public static TheoryData<string> Models => ModelsIn("hf");

    /// <summary>Names of the models that have expected values and such a folder: <c>hf</c>, <c>hf_sharded</c> or <c>ss</c>.</summary>
    public static TheoryData<string> ModelsIn(string form) => [.. ModelNames(form)];

    /// <inheritdoc cref="ModelsIn"/>
    public static IEnumerable<string> ModelNames(string form) =>
        Directory.GetDirectories(Folder("A_models"))
            .Where(model => Directory.Exists(Path.Combine(model, form)) && File.Exists(Path.Combine(model, "expected.safetensors")))
            .Select(model => Path.GetFileName(model)).Order(StringComparer.Ordinal);

    /// <summary>Names of the files of one operation.</summary>
    public static TheoryData<string> OfOp(string group, string op)
    {
        TheoryData<string> files = [];
        foreach (string path in Files(group, "*.safetensors"))
        {
            using GoldenCase golden = new(path);
            if (golden.Op == op)
                files.Add(Path.GetFileName(path));
        }

        return files;
    }

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
