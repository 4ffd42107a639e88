namespace SpikeEngine.Model.Vision;

/// <summary>The networks of SNN2ANN (section 3.5), and smaller ones for a CPU; image sizes and classes come from the data.</summary>
public static class ImageNetworkShapes
{
    private const float VggDropout = 0.25f;
    private const float ResNetDropout = 0.2f;
    private const float PublishedMembraneDropout = 0.5f;

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["vgg13", "resnet17", "vgg13-tiny-imagenet", "resnet17-tiny-imagenet", "vgg-small", "resnet-small", "vgg-tiny"];

    /// <summary>One of them.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ImageNetworkConfig Of(string name) => name switch
    {
        "vgg13" => Vgg([[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]], [3, 4, 5]) with { MembraneDropout = PublishedMembraneDropout, Dropout = VggDropout },
        "resnet17" => ResNet(64, 128, 256, 512) with { MembraneDropout = PublishedMembraneDropout, Dropout = ResNetDropout },
        "vgg13-tiny-imagenet" => Of("vgg13") with { PooledBlocks = [2, 3, 4, 5] },
        "resnet17-tiny-imagenet" => Of("resnet17") with { Strides = [1, 1, 2, 2, 2] },
        "vgg-small" => Vgg([[16, 16], [32, 32], [64, 64]], [1, 2, 3]),
        "resnet-small" => ResNet(16, 32, 64),
        "vgg-tiny" => Vgg([[8], [16]], [1, 2]),
        _ => throw new ArgumentException($"No network is called \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name)),
    };

    private static ImageNetworkConfig Vgg(int[][] widths, int[] pooled) => new() { Family = ImageFamily.Vgg, Widths = widths, PooledBlocks = pooled, TimeSteps = 4 };

    /// <summary>Two basic blocks for each stage; the last two halve the maps, as published for images of 32x32.</summary>
    private static ImageNetworkConfig ResNet(params int[] stages) => new()
    {
        Family = ImageFamily.ResNet, Widths = [.. stages.Select(width => new[] { width, width })], TimeSteps = 5,
        Strides = [1, .. stages.Select((_, i) => i < stages.Length - 2 ? 1 : 2)],
    };
}
