namespace SpikeEngine.Model.Opt;

/// <summary>Sizes of published OPT models, which BiSpikCLM's are those of.</summary>
public static class OptShapes
{
    private const int Vocabulary = 50_272;
    private const int EndOfText = 2;
    private const string Spiking = "bispikclm-";

    private static readonly Dictionary<string, OptConfig> s_shapes = new()
    {
        ["opt-125m"] = Shape(768, 12, 12),
        ["opt-350m"] = Shape(1_024, 24, 16) with { EmbedDim = 512, NormBefore = false },
        ["opt-1.3b"] = Shape(2_048, 24, 32),
        [Spiking + "125m"] = Shape(768, 12, 12) with { Spiking = BinarySpiking.Paper },
        [Spiking + "350m"] = Shape(1_024, 24, 16) with { Spiking = BinarySpiking.Paper },
        [Spiking + "1.3b"] = Shape(2_048, 24, 32) with { Spiking = BinarySpiking.Paper },
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_shapes.Keys];

    /// <summary>The sizes of one.</summary>
    /// <exception cref="ArgumentException">No model is called so.</exception>
    public static OptConfig Of(string name) => s_shapes.TryGetValue(name ?? "", out OptConfig? config)
        ? config
        : throw new ArgumentException($"No shape is called \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));

    private static OptConfig Shape(int dModel, int layers, int heads) => new()
    {
        VocabSize = Vocabulary, DModel = dModel, LayerCount = layers, HeadCount = heads, FfnDim = 4 * dModel, BosTokenId = EndOfText, EosTokenId = EndOfText,
    };
}
