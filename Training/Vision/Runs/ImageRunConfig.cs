using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Vision;

/// <summary>Everything that decides what a run of a network for images computes. Its preset tells it from that of a language model.</summary>
public sealed record ImageRunConfig : RunSettings
{
    /// <summary>What is trained.</summary>
    public NetworkSettings Network { get; init; } = new();

    /// <summary>How.</summary>
    public MethodSettings Method { get; init; } = new();

    /// <summary>The images.</summary>
    public ImageDataSettings Data { get; init; } = new();

    /// <summary>Whether a file or a flag names a preset for images.</summary>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">What overrides it.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON.</exception>
    public static bool IsMeant(string? file, params IReadOnlyList<RunFlag> flags) =>
        Root(file, flags).Find("preset")?.Value.Text is { } preset && ImageRunPresets.Names.Contains(preset);

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">What overrides it, the last one first in rank.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">A setting is unknown, of the wrong kind, out of its range, or missing; the message names file, line and column.</exception>
    public static ImageRunConfig Read(string? file, params IReadOnlyList<RunFlag> flags)
    {
        ArgumentNullException.ThrowIfNull(flags);
        LocatedValue root = Root(file, flags);
        SettingsReader reader = new(root);
        string preset = reader.Choice("preset", ImageRunPresets.Names[0], [.. ImageRunPresets.Names]);
        ImageRunConfig config = Pass(reader, ImageRunPresets.Of(preset));
        reader.RequireAllKnown();
        return config.Data.Train.Count > 0
            ? config
            : throw (root.Find("data")?.Origin ?? root.Origin).Error("'data.train' is missing; name files of images: IDX, CIFAR binary or optdigits (or give --data)");
    }

    private protected override void Write(ISettings s) => Pass(s, this);

    private static ImageRunConfig Pass(ISettings s, ImageRunConfig d) => PassEnd(s, PassBegin(s, d, ImageRunPresets.Names) with
    {
        Network = s.Section("network", d.Network, NetworkSettings.Pass),
        Method = s.Section("method", d.Method, MethodSettings.Pass),
        Data = s.Section("data", d.Data, ImageDataSettings.Pass),
    });
}
