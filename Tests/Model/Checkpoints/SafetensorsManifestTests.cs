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

        Assert.Equal(expected.GetProperty("tensors").EnumerateObject().Count(), file.Entries.Count);
        foreach (JsonProperty tensor in expected.GetProperty("tensors").EnumerateObject())
            AssertTensor(file, tensor.Name, tensor.Value);
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

    private static void AssertTensor(SafetensorsFile file, string name, JsonElement expected)
    {
        TensorEntry entry = file[name];
        Assert.Equal(expected.GetProperty("dtype").GetString(), entry.DType.ToString(), ignoreCase: true);
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), entry.Shape);

        JsonElement values = expected.GetProperty("values");
        if (entry.DType is TensorDType.F64 or TensorDType.F32 or TensorDType.F16 or TensorDType.BF16)
            Assert.Equal(values.EnumerateArray().Select(value => Bits((float)ToDouble(value))), file.ReadFloats(name).Select(Bits));
        else
            Assert.Equal(values.EnumerateArray().Select(ToInt64), file.ReadInt64s(name));
    }

    /// <summary>All not-a-numbers count as one: the manifest does not spell their payload.</summary>
    private static int Bits(float value) => float.IsNaN(value) ? -1 : BitConverter.SingleToInt32Bits(value);

    private static double ToDouble(JsonElement value) => value.ValueKind != JsonValueKind.String
        ? value.GetDouble()
        : value.GetString() switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => double.NaN,
        };

    private static long ToInt64(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => value.GetInt64(),
    };
}
