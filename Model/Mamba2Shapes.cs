namespace SpikeEngine.Model;

/// <summary>The sizes of the published Mamba2 models, state-spaces/mamba2-130m to mamba2-2.7b, by the configurations they come with.</summary>
public static class Mamba2Shapes
{
    private const int Vocabulary = 50_288;   // GPT-NeoX's 50,277 filled up to a multiple of 16

    private static readonly Dictionary<string, Mamba2Config> s_shapes = new()
    {
        ["mamba2-130m"] = Shape(768, 24),
        ["mamba2-370m"] = Shape(1_024, 48),
        ["mamba2-780m"] = Shape(1_536, 48),
        ["mamba2-1.3b"] = Shape(2_048, 48),
        ["mamba2-2.7b"] = Shape(2_560, 64),
    };

    /// <summary>Their names, from the smallest on.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_shapes.Keys];

    /// <summary>The sizes of one of them.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Mamba2Config Of(string name) => s_shapes.TryGetValue(name ?? "", out Mamba2Config? config)
        ? config
        : throw new ArgumentException($"No shape is called \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));

    private static Mamba2Config Shape(int dModel, int layers) => new() { VocabSize = Vocabulary, DModel = dModel, LayerCount = layers };
}
