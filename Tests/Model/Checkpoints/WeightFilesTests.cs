using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class WeightFilesTests : IDisposable
{
    private static readonly float[] s_one = [1f];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> BrokenFolders => LoaderManifest.Files("dirs/", "refuse");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BrokenFolders))]
    public void ABrokenFolderIsRefusedByName(string name)
    {
        string folder = LoaderManifest.PathOf(name);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Exception error = Assert.ThrowsAny<Exception>(() => ModelFolder.Load(folder));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.True(error is InvalidDataException or FileNotFoundException, error.ToString());
        Assert.StartsWith(folder, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("index_missing_shard", "'model-00002-of-00002.safetensors' is missing")]
    [InlineData("index_missing_tensor", "tensor 'b' is not in its file 'model-00001-of-00001.safetensors'")]
    [InlineData("index_traversal", "tensor 'a' is said to be in \"../")]
    [InlineData("index_absolute", "not the name of a file of weights beside the index")]
    [InlineData("no_weights", "neither model.safetensors nor model.safetensors.index.json nor pytorch_model.bin nor pytorch_model.bin.index.json")]
    [InlineData("config_other_type", "llama")]
    public void TheMessageNamesTheOffence(string name, string offence) => Assert.Contains(
        offence, Assert.ThrowsAny<Exception>(() => ModelFolder.Load(LoaderManifest.PathOf($"dirs/{name}"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("..")]
    [InlineData("a\\b.safetensors")]
    [InlineData("c:a.safetensors")]
    [InlineData("")]
    [InlineData("a.exe")]
    public void AShardThatIsNoFileOfWeightsBesideTheIndexIsRefused(string shard)
    {
        string path = Index(("a", shard));

        Assert.Throws<InvalidDataException>(() => ShardedFile.Open(path));
    }

    [Fact]
    public void ATensorThatTheIndexDoesNotListIsRefused()
    {
        SafetensorsWriter.Write(_folder.File("x.safetensors"), [("a", [1], s_one), ("b", [1], s_one)]);
        string path = Index(("a", "x.safetensors"));

        Assert.Contains("'x.safetensors' has a tensor 'b'", Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void ATensorInTwoFilesIsRefused()
    {
        SafetensorsWriter.Write(_folder.File("x.safetensors"), [("a", [1], s_one), ("b", [1], s_one)]);
        SafetensorsWriter.Write(_folder.File("y.safetensors"), [("b", [1], s_one)]);
        string path = Index(("a", "x.safetensors"), ("b", "y.safetensors"));

        Assert.Contains("tensor 'b'", Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void ShardsMayBeOfBothForms()
    {
        SafetensorsWriter.Write(_folder.File("x.safetensors"), [("x", [1], s_one)]);
        File.Copy(LoaderManifest.PathOf("bin/valid/handmade.bin"), _folder.File("y.bin"));
        using var file = ShardedFile.Open(Index(("a", "y.bin"), ("x", "x.safetensors")));

        Assert.Equal(["a", "x"], file.Entries.Select(entry => entry.Name));
        Assert.Equal([1f], file.ReadFloats("x"));
        Assert.Equal(new float[4], file.ReadFloats("a"));
        Assert.Equal(16, file.Bytes("a").Length);
    }

    [Fact]
    public void SafetensorsAreFoundBeforeTheOlderForm()
    {
        _folder.Write("pytorch_model.bin", "");
        Assert.EndsWith("pytorch_model.bin", WeightFiles.Find(_folder.Path), StringComparison.Ordinal);
        _folder.Write("model.safetensors.index.json", "");
        Assert.EndsWith("index.json", WeightFiles.Find(_folder.Path), StringComparison.Ordinal);
        _folder.Write("model.safetensors", "");
        Assert.EndsWith("model.safetensors", WeightFiles.Find(_folder.Path), StringComparison.Ordinal);
    }

    private string Index(params (string Tensor, string Shard)[] map) => _folder.Write(
        "model.safetensors.index.json",
        JsonSerializer.Serialize(new { weight_map = map.ToDictionary(pair => pair.Tensor, pair => pair.Shard) }));

    private static string Refused(string path) => Assert.Throws<InvalidDataException>(() => ShardedFile.Open(path)).Message;
}
