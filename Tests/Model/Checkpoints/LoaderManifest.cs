using System.Text.Json;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

/// <summary>The list of valid, damaged and hostile files, and what a loader must do with each.</summary>
internal static class LoaderManifest
{
    private static readonly Dictionary<string, JsonElement> s_cases = Read();

    public static string PathOf(string file) => Path.Combine(GoldenFiles.Folder("F_loaders"), file);

    public static JsonElement Case(string file) => s_cases[file];

    public static TheoryData<string> Files(string prefix, params string[] expected) => [.. Names(prefix, expected)];

    public static IEnumerable<string> Names(string prefix, params string[] expected) => s_cases
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Where(pair => expected.Contains(pair.Value.GetProperty("expect").GetString()))
        .Select(pair => pair.Key);

    private static Dictionary<string, JsonElement> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(PathOf("manifest.json")));
        return document.RootElement.GetProperty("cases").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("file").GetString()!, entry => entry.Clone());
    }
}
