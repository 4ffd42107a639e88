using System.Text.Json;

namespace SpikeEngine.Tests.Model.Text;

/// <summary>Strings with their ids, made by Hugging Face's tokenizers.</summary>
internal sealed record TokenizerVectors(IReadOnlyList<TokenizerVectors.Encoded> Encode, IReadOnlyList<TokenizerVectors.Decoded> Decode)
{
    public sealed record Encoded(string Text, int[] Ids, string Decoded, string? SkippingSpecial);

    public sealed record Decoded(int[] Ids, string Text, string SkippingSpecial);

    /// <summary>The folder with all reference vectors, where there is one: some are too big to be kept beside the tests.</summary>
    public static string? ReferenceFolder { get; } = Environment.GetEnvironmentVariable("SPIKE_REFERENCE_DIR") ?? Beside();

    public static string Folder { get; } = Path.Combine(ReferenceFolder ?? Path.Combine(AppContext.BaseDirectory, "Golden"), "G_tokenizer");

    /// <summary>A folder <c>shared/reference</c> beside the project, or beside one of the folders it lies in.</summary>
    private static string? Beside()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "reference");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }

    public static TokenizerVectors Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
        JsonElement root = document.RootElement;
        return new TokenizerVectors(
            [.. root.GetProperty("encode").EnumerateArray().Select(e => new Encoded(
                Text(e, "text"), Ids(e), Text(e, "decoded"), e.TryGetProperty("decoded_skip_special", out JsonElement rest) ? rest.GetString() : null))],
            root.TryGetProperty("decode", out JsonElement decode)
                ? [.. decode.EnumerateArray().Select(e => new Decoded(Ids(e), Text(e, "decoded"), Text(e, "decoded_skip_special")))]
                : []);
    }

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    private static int[] Ids(JsonElement e) => [.. e.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
