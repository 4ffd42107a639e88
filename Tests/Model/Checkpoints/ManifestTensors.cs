using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

/// <summary>The tensors that the manifest lists for a valid file, against what a reader gives.</summary>
internal static class ManifestTensors
{
    public static void AssertAll(JsonElement expected, TensorFile file)
    {
        if (expected.TryGetProperty("summary", out JsonElement summary))
        {
            AssertSummary(summary, file);
            return;
        }

        Assert.Equal(expected.GetProperty("tensors").EnumerateObject().Count(), file.Entries.Count);
        foreach (JsonProperty tensor in expected.GetProperty("tensors").EnumerateObject())
            AssertTensor(file, tensor.Name, tensor.Value);
    }

    private static void AssertTensor(TensorFile file, string name, JsonElement expected)
    {
        TensorEntry entry = AssertEntry(file, name, expected);
        JsonElement values = expected.GetProperty("values");
        if (IsFloat(entry))
            Assert.Equal(values.EnumerateArray().Select(value => Bits((float)ToDouble(value))), file.ReadFloats(name).Select(Bits));
        else
            Assert.Equal(values.EnumerateArray().Select(ToInt64), file.ReadInt64s(name));

        Assert.Equal(entry.ByteLength, file.Bytes(name).Length);
        if (expected.TryGetProperty("raw_hex", out JsonElement hex))
            Assert.Equal(Convert.FromHexString(hex.GetString()!), file.Bytes(name).ToArray());
    }

    /// <summary>For a tensor too long to be listed.</summary>
    private static void AssertSummary(JsonElement summary, TensorFile file)
    {
        foreach (JsonProperty tensor in summary.EnumerateObject())
        {
            AssertEntry(file, tensor.Name, tensor.Value);
            float[] values = file.ReadFloats(tensor.Name);
            Assert.Equal(tensor.Value.GetProperty("sum").GetDouble(), values.Sum(value => (double)value), 9);
            Assert.Equal(tensor.Value.GetProperty("first").GetSingle(), values[0]);
            Assert.Equal(tensor.Value.GetProperty("last").GetSingle(), values[^1]);
        }
    }

    private static TensorEntry AssertEntry(TensorFile file, string name, JsonElement expected)
    {
        TensorEntry entry = file[name];
        Assert.Equal(expected.GetProperty("dtype").GetString(), entry.DType.ToString(), ignoreCase: true);
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), entry.Shape);
        return entry;
    }

    public static bool IsFloat(TensorEntry entry) =>
        entry.DType is TensorDType.F64 or TensorDType.F32 or TensorDType.F16 or TensorDType.BF16;

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
