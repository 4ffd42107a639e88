using System.Globalization;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Reference;

/// <summary>One golden vector file: its tensors, its configuration, and comparisons that say where they failed.</summary>
public sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile _file;

    public GoldenCase(string path)
    {
        Name = Path.GetFileName(path);
        _file = SafetensorsFile.Open(path);
        Config = Json("config");
        Tolerance = Json("tolerance");
    }

    /// <summary>The name of the file, for messages.</summary>
    public string Name { get; }

    /// <summary>The operation under test; empty for a whole model.</summary>
    public string Op => Config.TryGetProperty("op", out JsonElement op) ? op.GetString()! : "";

    public JsonElement Config { get; }

    public JsonElement Tolerance { get; }

    public static GoldenCase Open(string group, string file) => new(Path.Combine(GoldenFiles.Folder(group), file));

    public IEnumerable<string> Names => _file.Entries.Select(entry => entry.Name);

    public bool Has(string name) => _file.Contains(name);

    public float[] Floats(string name) => _file.ReadFloats(name);

    public long[] Ids(string name) => _file.ReadInt64s(name);

    /// <summary>Token ids, as the engine takes them.</summary>
    public int[] Tokens(string name) => Array.ConvertAll(Ids(name), id => checked((int)id));

    /// <summary>The label of the next position of each sequence; none for the last one.</summary>
    public int[] NextLabels(string name)
    {
        int[] labels = Tokens(name);
        int time = Shape(name)[1];
        return [.. labels.Select((_, i) => i % time == time - 1 ? Ops.IgnoredLabel : labels[i + 1])];
    }

    public int[] Shape(string name) => Array.ConvertAll(_file[name].Shape, size => checked((int)size));

    /// <summary>A number of the configuration; the files spell infinity "inf".</summary>
    public static double Number(JsonElement value) => value.ValueKind != JsonValueKind.String
        ? value.GetDouble()
        : value.GetString() switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            string text => double.Parse(text, CultureInfo.InvariantCulture),
            null => double.NaN,
        };

    /// <summary>|a - b| ≤ atol + rtol·|b| for every value, b being the stored one.</summary>
    public void AssertClose(string name, ReadOnlySpan<float> actual, double atol, double rtol) =>
        Compare(name, actual, expected => atol + rtol * Math.Abs(expected), $"atol {atol}, rtol {rtol}");

    /// <summary>As above, with the tolerance of the file.</summary>
    public void AssertClose(string name, ReadOnlySpan<float> actual) =>
        AssertClose(name, actual, Tolerance.GetProperty("atol").GetDouble(), Tolerance.GetProperty("rtol").GetDouble());

    /// <summary>The largest error divided by the tensor's largest absolute value; for gradients, whose small entries are noise.</summary>
    public void AssertCloseToMax(string name, ReadOnlySpan<float> actual, double relToMax)
    {
        double max = Floats(name).Max(value => Math.Abs((double)value));
        Compare(name, actual, _ => relToMax * max, $"{relToMax} of the largest value {max:R}");
    }

    public void Dispose() => _file.Dispose();

    private void Compare(string name, ReadOnlySpan<float> actual, Func<float, double> allowed, string rule)
    {
        float[] expected = Floats(name);
        if (expected.Length != actual.Length)
            Assert.Fail($"{Name} {name}: {actual.Length} values, expected {expected.Length} of [{string.Join(", ", Shape(name))}]");

        int worst = -1;
        double worstRatio = 1.0;
        for (int i = 0; i < expected.Length; i++)
        {
            double ratio = ErrorRatio(actual[i], expected[i], allowed(expected[i]));
            if (ratio > worstRatio)
                (worst, worstRatio) = (i, ratio);
        }

        if (worst >= 0)
        {
            Assert.Fail($"{Name} {name}[{worst}] of [{string.Join(", ", Shape(name))}]: "
                + $"got {actual[worst]:R}, expected {expected[worst]:R}; the error is {worstRatio:G4} times what is allowed ({rule})");
        }
    }

    /// <summary>Equal values pass even without a tolerance, infinities too; not-a-number passes only where it is expected.</summary>
    private static double ErrorRatio(float actual, float expected, double allowed)
    {
        if (actual.Equals(expected) || actual == expected)
            return 0.0;
        if (!float.IsFinite(actual) || !float.IsFinite(expected) || allowed == 0.0)
            return double.PositiveInfinity;
        return Math.Abs((double)actual - expected) / allowed;
    }

    private JsonElement Json(string key)
    {
        using var document = JsonDocument.Parse(_file.Metadata.GetValueOrDefault(key, "{}"));
        return document.RootElement.Clone();
    }
}
