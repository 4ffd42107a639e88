using System.Text.Json;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Vision;

/// <summary>The <c>config.json</c> of a network for images.</summary>
public static class ImageConfigFile
{
    /// <summary>Its <c>model_type</c>.</summary>
    public const string ModelType = "snn2ann";

    private const string Threshold = "initial_threshold";

    /// <summary>Words for families.</summary>
    internal static (string Name, ImageFamily Value)[] Families { get; } = [("vgg", ImageFamily.Vgg), ("resnet", ImageFamily.ResNet)];

    /// <summary>Words for poolings.</summary>
    internal static (string Name, ImagePooling Value)[] Poolings { get; } = [("max", ImagePooling.Max), ("average", ImagePooling.Average)];

    private static (string Name, MembraneReset Value)[] Resets { get; } = [("hard", MembraneReset.Hard), ("soft", MembraneReset.Soft)];

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another kind of model.</exception>
    public static ImageNetworkConfig Load(string path) => ConfigDocument.Load(path, Read);

    /// <summary>Writes one, whole or not at all.</summary>
    public static void Save(string path, ImageNetworkConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        ConfigDocument.Save(path, json => Write(json, config));
    }

    private static ImageNetworkConfig Read(ConfigFields fields)
    {
        string type = fields.Text("model_type", "");
        if (type != ModelType)
            throw fields.Broken("model_type", $"is '{type}', not '{ModelType}': this is no network for images; `spike eval` measures language models");
        ImageNetworkConfig d = new() { Widths = [] };
        return new ImageNetworkConfig
        {
            Family = fields.Choice("family", Families, d.Family),
            Channels = fields.Size("channels", d.Channels),
            Height = fields.Size("height", d.Height),
            Width = fields.Size("width", d.Width),
            Classes = fields.Size("classes", d.Classes),
            Widths = fields.SizeLists("widths"),
            PooledBlocks = fields.Sizes("pooled_blocks"),
            Strides = fields.Sizes("strides"),
            Pooling = fields.Choice("pooling", Poolings, d.Pooling),
            Dropout = fields.Number("dropout", d.Dropout),
            TimeSteps = fields.Size("time_steps", d.TimeSteps),
            MembraneDropout = fields.Number("membrane_dropout", d.MembraneDropout),
            Reset = fields.Choice("reset", Resets, d.Reset),
            InitialThreshold = fields.Has(Threshold) ? fields.Number(Threshold, 0f) : null,
            DividesBias = fields.Flag("divide_bias", d.DividesBias),
            PoolsSums = fields.Flag("pool_sums", d.PoolsSums),
            IsSpiking = fields.Flag("spiking", d.IsSpiking),
            Mean = fields.Numbers("mean"),
            Std = fields.Numbers("std"),
        };
    }

    private static void Write(Utf8JsonWriter json, ImageNetworkConfig config)
    {
        json.WriteStartObject();
        json.WriteString("model_type", ModelType);
        json.WriteString("family", Families.NameOf(config.Family));
        json.WriteNumber("channels", config.Channels);
        json.WriteNumber("height", config.Height);
        json.WriteNumber("width", config.Width);
        json.WriteNumber("classes", config.Classes);
        json.WriteStartArray("widths");
        foreach (IReadOnlyList<int> block in config.Widths)
            Numbers(json, null, block.Select(width => (double)width));
        json.WriteEndArray();
        Numbers(json, "pooled_blocks", config.PooledBlocks.Select(block => (double)block));
        Numbers(json, "strides", config.Strides.Select(stride => (double)stride));
        json.WriteString("pooling", Poolings.NameOf(config.Pooling));
        json.WriteNumber("dropout", config.Dropout);
        json.WriteNumber("time_steps", config.TimeSteps);
        json.WriteNumber("membrane_dropout", config.MembraneDropout);
        json.WriteString("reset", Resets.NameOf(config.Reset));
        if (config.InitialThreshold is { } threshold)
            json.WriteNumber(Threshold, threshold);
        json.WriteBoolean("divide_bias", config.DividesBias);
        json.WriteBoolean("pool_sums", config.PoolsSums);
        json.WriteBoolean("spiking", config.IsSpiking);
        Numbers(json, "mean", config.Mean.Select(Shortest));
        Numbers(json, "std", config.Std.Select(Shortest));
        json.WriteEndObject();
    }

    /// <summary>The double whose shortest text is that of the float.</summary>
    private static double Shortest(float value) => double.Parse(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

    private static void Numbers(Utf8JsonWriter json, string? name, IEnumerable<double> numbers)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (double number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
