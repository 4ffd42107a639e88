using System.Buffers.Binary;
using System.Text;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        string path = _folder.File("a.safetensors");
        float[] large = [.. Enumerable.Range(0, 5000).Select(i => i * 0.25f - 7f)];
        SafetensorsWriter.Write(
            path,
            [("große", [50, 100], large), ("scalar", [], new[] { -0f }), ("empty", [0, 3], Array.Empty<float>())],
            new Dictionary<string, string> { ["format"] = "pt", ["note"] = "\"quoted\"\n" });

        using var file = SafetensorsFile.Open(path);

        Assert.Equal(["große", "scalar", "empty"], file.Entries.Select(entry => entry.Name));
        Assert.Equal(large, file.ReadFloats("große"));
        Assert.Equal([50L, 100L], file["große"].Shape);
        Assert.Equal(20000, file["große"].ByteLength);
        Assert.True(float.IsNegative(Assert.Single(file.ReadFloats("scalar"))));
        Assert.Empty(file.ReadFloats("empty"));
        Assert.Equal("\"quoted\"\n", file.Metadata["note"]);
    }

    [Fact]
    public void WrittenDataIsAlignedAndTheHeaderPaddedWithBlanks()
    {
        string path = _folder.File("a.safetensors");
        for (int letters = 1; letters <= 8; letters++)
        {
            SafetensorsWriter.Write(path, [(new string('n', letters), [1], new[] { 1f })]);

            byte[] bytes = File.ReadAllBytes(path);
            long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            Assert.Equal(0, header % 8);
            Assert.Equal(8 + header + 4, bytes.Length);
            Assert.EndsWith("}", Encoding.UTF8.GetString(bytes, 8, (int)header).TrimEnd(' '), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheWriterRefusesWhatNoReaderWouldTake()
    {
        string path = _folder.File("a.safetensors");
        float[] two = [1f, 2f];

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [("a", [3], two)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [("a", [-1, -2], two)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [("a", [2], two), ("a", [2], two)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [("__metadata__", [2], two)]));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void AMissingTensorIsAnErrorThatKnowsSimilarNames()
    {
        string path = _folder.File("a.safetensors");
        float[] one = [1f];
        SafetensorsWriter.Write(
            path, [("backbone.embeddings.weight", [1], one), ("lm_head.weight", [1], one), ("x", [1], one), ("y", [1], one)]);
        using var file = SafetensorsFile.Open(path);

        string message = Assert.Throws<KeyNotFoundException>(() => file.ReadFloats("backbone.embedding.weight")).Message;

        Assert.False(file.Contains("backbone.embedding.weight"));
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("similar: 'backbone.embeddings.weight'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongShapeIsAnErrorThatNamesBoth()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("w", [2, 3], new float[6])]);
        using var file = SafetensorsFile.Open(path);

        string byLength = Assert.Throws<InvalidDataException>(() => file.ReadFloats("w", new float[7])).Message;
        string byShape = Assert.Throws<InvalidDataException>(() => file.ReadFloats("w", [3, 2], new float[6])).Message;

        Assert.Contains("'w' F32 [2, 3] has 6 values, the destination 7", byLength, StringComparison.Ordinal);
        Assert.Contains("'w' F32 [2, 3], expected [3, 2]", byShape, StringComparison.Ordinal);
        file.ReadFloats("w", [2, 3], new float[6]);
    }

    [Fact]
    public void IntegersAreNotReadAsFloatsNorFloatsAsIntegers()
    {
        using var file = SafetensorsFile.Open(LoaderManifest.PathOf("safetensors/valid/all_dtypes.safetensors"));

        Assert.Throws<InvalidDataException>(() => file.ReadFloats("i64"));
        Assert.Throws<InvalidDataException>(() => file.ReadInt64s("f32"));
    }

    [Fact]
    public void AnUnsignedValueBeyondTheSignedRangeIsAnError()
    {
        using var file = SafetensorsFile.Open(
            Raw("""{"u":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}""", [255, 255, 255, 255, 255, 255, 255, 255]));

        Assert.Throws<InvalidDataException>(() => file.ReadInt64s("u"));
    }

    [Fact]
    public void UnsignedIntegersAreRead()
    {
        using var file = SafetensorsFile.Open(Raw(
            """{"a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U16","shape":[2],"data_offsets":[4,8]}}""",
            [255, 255, 255, 255, 1, 0, 255, 255]));

        Assert.Equal([4294967295L], file.ReadInt64s("a"));
        Assert.Equal([1L, 65535L], file.ReadInt64s("b"));
    }

    [Fact]
    public void ATensorOfNoValuesMayLieOnlyOnABorder()
    {
        SafetensorsFile.Open(EmptyTensorAt(0)).Dispose();
        SafetensorsFile.Open(EmptyTensorAt(2)).Dispose();
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(EmptyTensorAt(1)));
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(EmptyTensorAt(3)));

        string EmptyTensorAt(int offset) => Raw(
            $$"""
            {"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
             "z": {"dtype": "F32", "shape": [0], "data_offsets": [{{offset}}, {{offset}}]} }
            """,
            [1, 2]);
    }

    [Fact]
    public void HalfASurrogatePairInANameIsRefused() => Assert.Throws<InvalidDataException>(
        () => SafetensorsFile.Open(Raw("""{"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", [1])));

    [Fact]
    public void AFileThatIsNotThereIsReportedAsSuch() =>
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(_folder.File("nothing")));

    [Fact]
    public void AnOpenFileMayBeReplaced()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("w", [1], new[] { 1f })]);
        using var old = SafetensorsFile.Open(path);
        if (OperatingSystem.IsWindows())
            return; // There a mapped file cannot be replaced; the writer then fails and the old file remains.

        SafetensorsWriter.Write(path, [("w", [1], new[] { 2f })]);

        Assert.Equal([1f], old.ReadFloats("w"));
    }

    private string Raw(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return _folder.Write("raw.safetensors", [.. length, .. json, .. data]);
    }
}
