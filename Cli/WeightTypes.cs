using System.CommandLine;

namespace SpikeEngine.Cli;

/// <summary>Ways of storing weights, by the names that options and reports use.</summary>
internal static class WeightTypes
{
    /// <summary>All of them.</summary>
    public static readonly (StorageType Type, string Name)[] All =
        [(StorageType.Float32, "f32"), (StorageType.BFloat16, "bf16"), (StorageType.Float16, "f16"), (StorageType.Int8, "int8")];

    /// <summary>The type of a name.</summary>
    public static StorageType Of(string name) => All.First(each => each.Name == name).Type;

    /// <summary>The type of a name, or none.</summary>
    public static StorageType? OfOptional(string? name) => name is null ? null : Of(name);

    /// <summary>The name of a type.</summary>
    public static string NameOf(StorageType type) => All.First(each => each.Type == type).Name;

    /// <summary>An option for a type; null when it is not given.</summary>
    public static Option<string?> Option(string name, string description)
    {
        Option<string?> option = new(name) { Description = description, HelpName = "TYPE" };
        option.AcceptOnlyFromAmong([.. All.Select(each => each.Name)]);
        return option;
    }
}
