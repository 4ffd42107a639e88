using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Vision;
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

    /// <summary>Whether a file or a flag names a preset for images, or none and sections that only they have.</summary>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">What overrides it.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON.</exception>
    public static bool IsMeant(string? file, params IReadOnlyList<RunFlag> flags) =>
        Root(file, flags) is var root && (root.Find("preset") is { } preset ? ImageRunPresets.Names.Contains(preset.Value.Text) : root.Find("network") is not null || root.Find("method") is not null);

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">What overrides it, the last one first in rank.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">A setting is unknown, of the wrong kind, out of its range, or missing; the message names file, line and column.</exception>
    public static ImageRunConfig Read(string? file, params IReadOnlyList<RunFlag> flags)
    {
        ArgumentNullException.ThrowIfNull(flags);
        LocatedValue root = Root(file, flags);
        ImageRunConfig config = Of(root), meant = config.For(config.Method.Name);
        Require("method.unit", config.Method.Unit == meant.Method.Unit);
        Require("method.surrogate", config.Method.Surrogate == meant.Method.Surrogate);
        Require("network.time_steps", config.Network.TimeSteps == meant.Network.TimeSteps);
        Require("network.membrane_dropout", config.Network.MembraneDropout == meant.Network.MembraneDropout);
        ImageNetworkConfig shape = ImageNetworkShapes.Of(config.Network.Shape);
        if (config.Network.Pooling != ImagePooling.Max && shape.Family != ImageFamily.Vgg)
            throw Refused(root, "network.pooling", $"the shape \"{config.Network.Shape}\" does not pool inside");
        if (config.Network.Dropout is > 0 && !shape.HasDropout)
            throw Refused(root, "network.dropout", $"the shape \"{config.Network.Shape}\" has no block of two convolutions, in which it drops");
        return config;

        void Require(string setting, bool isMeant)
        {
            if (!isMeant)
                throw Refused(root, setting, $"it means nothing to the method \"{ImageMethods.All.NameOf(config.Method.Name)}\"");
        }
    }

    /// <summary>Reads a configuration that several methods share: what means nothing to its own is no mistake.</summary>
    /// <inheritdoc cref="Read" path="exception"/>
    internal static ImageRunConfig ReadShared(string? file, params IReadOnlyList<RunFlag> flags) => Of(Root(file, flags));

    /// <summary>The same with another method, and without what means nothing to that.</summary>
    internal ImageRunConfig For(ImageMethod method)
    {
        MethodSettings usual = new();
        return this with
        {
            Method = new MethodSettings
            {
                Name = method,
                Unit = method == ImageMethod.Snn2Ann ? Method.Unit : usual.Unit,
                Surrogate = method == ImageMethod.Bptt ? Method.Surrogate : usual.Surrogate,
            },
            Network = Network with
            {
                TimeSteps = method == ImageMethod.Ann ? null : Network.TimeSteps,
                MembraneDropout = method == ImageMethod.Snn2Ann || Network.MembraneDropout == 0 ? Network.MembraneDropout : null,
            },
        };
    }

    private protected override void Write(ISettings s) => Pass(s, this);

    private static ImageRunConfig Of(LocatedValue root)
    {
        if (root.Find("model") is { } model)
            throw model.Origin.Error("'model' is for language models; a network for images begins anew, as 'network' says");
        SettingsReader reader = new(root);
        string preset = reader.Choice("preset", ImageRunPresets.Names[0], [.. ImageRunPresets.Names]);
        ImageRunConfig config = Pass(reader, ImageRunPresets.Of(preset));
        reader.RequireAllKnown();
        if (config.Training.Ema is not null)
            throw Refused(root, "training.ema", "running statistics and thresholds have no averages that would fit averaged weights");
        if (config.Training.ActivationCheckpointing)
            throw Refused(root, "training.activation_checkpointing", "networks for images keep their activations");
        return config.Data.Train.Count > 0
            ? config
            : throw (root.Find("data")?.Origin ?? root.Origin).Error("'data.train' is missing; name files of images, IDX, CIFAR binary or optdigits, or \"shapes\", which are drawn here (or give --data)");
    }

    private static InvalidDataException Refused(LocatedValue root, string setting, string why) =>
        (SettingsReader.Find(root, setting)?.Value.Origin ?? root.Origin).Error($"'{setting}' cannot be used here: {why}");

    private static ImageRunConfig Pass(ISettings s, ImageRunConfig d) => PassEnd(s, PassBegin(s, d, ImageRunPresets.Names) with
    {
        Network = s.Section("network", d.Network, NetworkSettings.Pass),
        Method = s.Section("method", d.Method, MethodSettings.Pass),
        Data = s.Section("data", d.Data, ImageDataSettings.Pass),
    });
}
