using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SpikeEngine.Training.Runs;

/// <summary>The numbers of one optimiser step, by name and in order. One that is not finite is <c>null</c> in JSON and an empty cell in CSV.</summary>
/// <param name="Step">The step; the first is 1.</param>
/// <param name="Values">All others.</param>
internal sealed record MetricsLine(long Step, IReadOnlyList<KeyValuePair<string, double>> Values)
{
    private const string StepName = "step";

    /// <summary>The value of a name; not a number when it has none.</summary>
    public double this[string name]
    {
        get
        {
            foreach ((string key, double value) in Values)
            {
                if (key == name)
                    return value;
            }

            return double.NaN;
        }
    }

    /// <summary>The line without its end.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber(StepName, Step);
            foreach ((string name, double value) in Values)
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteNull(name);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Cells under these columns, of which the first is the step.</summary>
    public string ToCsv(IReadOnlyList<string> columns)
    {
        Dictionary<string, double> values = new(Values, StringComparer.Ordinal);
        return string.Join(',', columns.Select(c => c == StepName ? Step.ToString(CultureInfo.InvariantCulture)
            : values.TryGetValue(c, out double v) && double.IsFinite(v) ? v.ToString("R", CultureInfo.InvariantCulture) : ""));
    }

    /// <summary>Reads a line of JSON.</summary>
    /// <exception cref="InvalidDataException">It is none, or not of numbers with a step.</exception>
    public static MetricsLine Parse(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        long? step = null;
        List<KeyValuePair<string, double>> values = [];
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new InvalidDataException("not a JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (name == StepName && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number))
                    step = number;
                else if (name != StepName && reader.TokenType is JsonTokenType.Number or JsonTokenType.Null)
                    values.Add(new(name, reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble()));
                else
                    throw new InvalidDataException($"'{name}' is not a number");
            }

            reader.Read();   // whatever follows is an error
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException("not valid JSON", error);
        }

        return new MetricsLine(step ?? throw new InvalidDataException("it has no step"), values);
    }
}
