using System.Globalization;
using System.Text.Json;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>The numbers and texts of a state by name, and their form in JSON, which keeps every bit.</summary>
internal sealed class StateNumbers
{
    private const string CountsKey = "counts", SeedsKey = "seeds", RealsKey = "reals", TextsKey = "texts";

    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, ulong> Seeds { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> Reals { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    /// <summary>Every name that is there.</summary>
    public IEnumerable<string> Names => Counts.Keys.Concat(Seeds.Keys).Concat(Reals.Keys).Concat(Texts.Keys);

    public void Write(Utf8JsonWriter json)
    {
        WriteObject(json, CountsKey, Counts, json.WriteNumber);
        WriteObject(json, SeedsKey, Seeds, json.WriteNumber);
        WriteObject(json, RealsKey, Reals, (name, value) =>
        {
            // The shortest decimal that gives the same double; what has none is written as its bits.
            if (double.IsFinite(value))
                json.WriteNumber(name, value);
            else
                json.WriteString(name, BitConverter.DoubleToUInt64Bits(value).ToString("X16", CultureInfo.InvariantCulture));
        });
        WriteObject(json, TextsKey, Texts, json.WriteString);
    }

    /// <exception cref="FormatException">A value is not of its kind.</exception>
    /// <exception cref="KeyNotFoundException">A part is missing.</exception>
    public static StateNumbers Read(JsonElement root)
    {
        StateNumbers numbers = new();
        foreach (JsonProperty p in root.GetProperty(CountsKey).EnumerateObject())
            numbers.Counts.Add(p.Name, p.Value.GetInt64());
        foreach (JsonProperty p in root.GetProperty(SeedsKey).EnumerateObject())
            numbers.Seeds.Add(p.Name, p.Value.GetUInt64());
        foreach (JsonProperty p in root.GetProperty(RealsKey).EnumerateObject())
        {
            numbers.Reals.Add(p.Name, p.Value.ValueKind == JsonValueKind.Number
                ? p.Value.GetDouble()
                : BitConverter.UInt64BitsToDouble(ulong.Parse(p.Value.GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
        }

        foreach (JsonProperty p in root.GetProperty(TextsKey).EnumerateObject())
            numbers.Texts.Add(p.Name, p.Value.GetString()!);
        return numbers;
    }

    private static void WriteObject<T>(Utf8JsonWriter json, string key, SortedDictionary<string, T> values, Action<string, T> write)
    {
        json.WriteStartObject(key);
        foreach ((string name, T value) in values)
            write(name, value);
        json.WriteEndObject();
    }
}
