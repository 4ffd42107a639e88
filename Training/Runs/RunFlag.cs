using System.Text.Json;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>A setting that was given on the command line.</summary>
public sealed class RunFlag
{
    private RunFlag(string setting, LocatedValue value)
    {
        Setting = setting;
        Value = value;
    }

    /// <summary>Its path, such as <c>training.steps</c>.</summary>
    public string Setting { get; }

    internal LocatedValue Value { get; }

    /// <summary>A setting with a value as one writes it: JSON, or a text without quotes.</summary>
    /// <param name="flag">What messages call it, such as <c>--steps 500</c>.</param>
    /// <param name="setting">Its path.</param>
    /// <param name="value">Its value.</param>
    public static RunFlag Of(string flag, string setting, string value) => new(setting, LocatedJson.ReadFlag(value, new Origin(flag)));

    /// <summary>A setting whose value is a text, or several, whatever it looks like.</summary>
    /// <param name="flag">What messages call it.</param>
    /// <param name="setting">Its path.</param>
    /// <param name="texts">Its value.</param>
    public static RunFlag OfTexts(string flag, string setting, params IReadOnlyList<string> texts)
    {
        Origin origin = new(flag);
        LocatedValue[] items = [.. texts.Select(text => new LocatedValue(JsonTokenType.String, origin, text))];
        LocatedValue value = items is [LocatedValue one] ? one : new LocatedValue(JsonTokenType.StartArray, origin);
        value.Items.AddRange(items.Length == 1 ? [] : items);
        return new RunFlag(setting, value);
    }

    /// <summary>Reads <c>training.steps=500</c>.</summary>
    /// <exception cref="ArgumentException">There is no equals sign, or nothing before it.</exception>
    public static RunFlag Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=');
        if (equals <= 0 || text[..equals].Split('.').Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"'{text}' is not of the form KEY=VALUE, such as training.steps=500.", nameof(text));
        return Of($"--set {text}", text[..equals].Trim(), text[(equals + 1)..].Trim());
    }
}
