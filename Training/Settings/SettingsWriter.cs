using System.Text.Json;

namespace SpikeEngine.Training.Settings;

/// <summary>Writes settings as JSON, every one of them, whether it has its default or not.</summary>
internal sealed class SettingsWriter(Utf8JsonWriter json) : ISettings
{
    public bool OnlyOne(params string[] names) => false;

    public void Excludes(string name, params string[] others)
    {
    }

    public void Foreign(string why, params string[] names)
    {
    }

    public int Whole(string name, int value, int least, string? alias = null, int most = int.MaxValue)
    {
        json.WriteNumber(name, value);
        return value;
    }

    public long? WholeOrNone(string name, long? value, long least, long most = long.MaxValue) => OrNull(name, value, v => json.WriteNumber(name, v));

    public ulong Seed(string name, ulong value)
    {
        json.WriteNumber(name, value);
        return value;
    }

    public ulong? SeedOrNone(string name, ulong? value) => OrNull(name, value, v => json.WriteNumber(name, v));

    public double Number(string name, double value, Allowed allowed)
    {
        json.WriteNumber(name, value);
        return value;
    }

    public double? NumberOrNone(string name, double? value, Allowed allowed) => OrNull(name, value, v => json.WriteNumber(name, v));

    public (double First, double Second) Pair(string name, (double First, double Second) value, Allowed allowed)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(value.First);
        json.WriteNumberValue(value.Second);
        json.WriteEndArray();
        return value;
    }

    public bool Switch(string name, bool value, string? alias = null)
    {
        json.WriteBoolean(name, value);
        return value;
    }

    public string Choice(string name, string value, params string[] words) => Text(name, value);

    public string Text(string name, string value)
    {
        json.WriteString(name, value);
        return value;
    }

    public string Parsed(string name, string value, Action<string> parse) => Text(name, value);

    public string? TextOrNone(string name, string? value)
    {
        json.WriteString(name, value);
        return value;
    }

    public IReadOnlyList<string> Texts(string name, IReadOnlyList<string> value)
    {
        json.WriteStartArray(name);
        foreach (string text in value)
            json.WriteStringValue(text);
        json.WriteEndArray();
        return value;
    }

    public T Section<T>(string name, T value, Func<ISettings, T, T> pass)
    {
        json.WriteStartObject(name);
        pass(this, value);
        json.WriteEndObject();
        return value;
    }

    public IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, T blank, Func<ISettings, T, T> pass)
    {
        json.WriteStartArray(name);
        foreach (T item in value)
        {
            json.WriteStartObject();
            pass(this, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return value;
    }

    private T? OrNull<T>(string name, T? value, Action<T> write)
        where T : struct
    {
        if (value is { } present)
            write(present);
        else
            json.WriteNull(name);
        return value;
    }
}
