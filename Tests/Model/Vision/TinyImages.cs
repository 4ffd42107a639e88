using SpikeEngine.Model.Vision;

namespace SpikeEngine.Tests.Model.Vision;

/// <summary>Networks that are quick to run, and images for them.</summary>
internal static class TinyImages
{
    public static ImageNetworkConfig Vgg { get; } = new()
    {
        Channels = 2, Height = 9, Width = 8, Classes = 3, Widths = [[4, 5], [6]], PooledBlocks = [1, 2], TimeSteps = 3, Dropout = 0.25f, MembraneDropout = 0.5f,
    };

    public static ImageNetworkConfig Average { get; } = Vgg with { Pooling = ImagePooling.Average };

    public static ImageNetworkConfig ResNet { get; } = new()
    {
        Family = ImageFamily.ResNet, Channels = 2, Height = 9, Width = 8, Classes = 3, Widths = [[4, 4], [6]], Strides = [1, 1, 2], TimeSteps = 3, Dropout = 0.2f,
    };

    public static TheoryData<string> All => ["vgg", "average", "resnet"];

    public static ImageNetworkConfig Of(string name) => name switch { "vgg" => Vgg, "average" => Average, _ => ResNet };

    /// <summary>A network whose norms have seen something, so that folding is more than nothing.</summary>
    public static ImageNetwork Network(ImageNetworkConfig config, ulong seed = 1)
    {
        ImageNetwork network = new(config, ParameterStore.Random(seed), seed);
        SeededRandom random = new(seed, "norms");
        foreach (Parameter parameter in network.Parameters())
        {
            if (parameter.Path.EndsWith("running_mean", StringComparison.Ordinal) || parameter.Path.EndsWith("norm.bias", StringComparison.Ordinal))
                Init.Normal(0.2f)(parameter.Values, random);
            else if (parameter.Path.EndsWith("running_var", StringComparison.Ordinal) || parameter.Path.EndsWith("norm.weight", StringComparison.Ordinal))
                Fill(parameter.Values, random);
        }

        return network;
    }

    public static Tensor Images(ImageNetworkConfig config, int count, ulong seed = 5) =>
        Tensor.RandomNormal(new SeededRandom(seed, "images"), count, config.Channels, config.Height, config.Width);

    private static void Fill(Span<float> values, SeededRandom random)
    {
        foreach (ref float value in values)
            value = 0.5f + random.NextFloat();
    }
}
