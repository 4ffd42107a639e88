using System.Text.Json;

namespace SpikeEngine.Training.Settings;

/// <summary>Settings as people compare them: one path and one value each.</summary>
internal static class SettingsText
{
    /// <summary>All settings of an object and of the objects in it, in their order.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Flatten(LocatedValue value, string path = "") => value.Kind == JsonTokenType.StartObject
        ? value.Members.SelectMany(member => Flatten(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}"))
        : [new(path, Text(value))];

    private static string Text(LocatedValue value) => value.Kind switch
    {
        JsonTokenType.StartArray => value.Items.Count == 0 ? "none" : string.Join(", ", value.Items.Select(Text)),
        JsonTokenType.StartObject => string.Join(' ', value.Members.Where(m => m.Value.Kind != JsonTokenType.Null).Select(m => $"{m.Name} {Text(m.Value)}")),
        JsonTokenType.Null => "none",
        _ => value.Text,
    };
}
