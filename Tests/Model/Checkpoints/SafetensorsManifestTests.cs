using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

public class SafetensorsManifestTests
{
    public static TheoryData<string> ValidFiles => LoaderManifest.Files("safetensors/", "load");

    public static TheoryData<string> BrokenFiles => LoaderManifest.Files("safetensors/", "refuse", "refuse_or_load");

    [Theory]
    [MemberData(nameof(ValidFiles))]
    public void AValidFileGivesEveryTensorBitForBit(string name)
    {
        JsonElement expected = LoaderManifest.Case(name);
        using var file = SafetensorsFile.Open(LoaderManifest.PathOf(name));

        ManifestTensors.AssertAll(expected, file);
        if (expected.TryGetProperty("metadata", out JsonElement metadata))
            Assert.Equal(metadata.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!), file.Metadata);
    }

    /// <summary>Where a loader may choose between refusing and loading, this one refuses.</summary>
    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void ABrokenFileIsRefusedByName(string name)
    {
        string path = LoaderManifest.PathOf(name);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path).Dispose()).Message;

        // Several of these files claim gigabytes and terabytes; what is allocated follows what is there.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.InRange(message.Length, path.Length + 10, path.Length + 1000);
    }

    [Theory]
    [InlineData("lfs_pointer", "git LFS pointer")]
    [InlineData("html", "web page")]
    [InlineData("hole", "belong to no tensor")]
    [InlineData("overlap", "overlaps")]
    [InlineData("reversed", "before they begin")]
    [InlineData("shape_overflow_wrap", "overflows")]
    [InlineData("negative_shape", "shape holds -")]
    [InlineData("lowercase_dtype", "dtype 'f32' is unknown")]
    [InlineData("truncated_data", "cut short")]
    [InlineData("duplicate_key_escaped", "'a'")]
    [InlineData("not_utf8", "UTF-8")]
    public void TheMessageNamesTheOffence(string name, string offence)
    {
        string path = LoaderManifest.PathOf($"safetensors/invalid/{name}.safetensors");

        Assert.Contains(offence, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message, StringComparison.Ordinal);
    }
}
