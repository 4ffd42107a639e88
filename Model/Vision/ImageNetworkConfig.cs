using System.Globalization;

namespace SpikeEngine.Model.Vision;

/// <summary>How a network of convolutions is put together.</summary>
public enum ImageFamily
{
    /// <summary>Convolutions one after the other, and pooling behind some blocks of them.</summary>
    Vgg,

    /// <summary>A convolution, then basic blocks whose currents are added to those of a shortcut.</summary>
    ResNet,
}

/// <summary>What makes maps smaller in a <see cref="ImageFamily.Vgg"/>.</summary>
public enum ImagePooling
{
    /// <summary>The largest current, in front of the neuron, and in the ANN in front of the ReLU.</summary>
    Max,

    /// <summary>The mean of spikes: a neuron of its own in front of it gives them, and the block's neuron gets the mean.</summary>
    Average,
}

/// <summary>Sizes and switches of a network for images that runs as an ANN and with spikes, with one set of weights (SNN2ANN, arXiv 2206.09449).</summary>
public sealed record ImageNetworkConfig : IModelConfig
{
    /// <inheritdoc/>
    public string ModelType => ImageConfigFile.ModelType;

    /// <summary>How it is put together.</summary>
    public ImageFamily Family { get; init; }

    /// <summary>Channels of an image.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Rows of an image.</summary>
    public int Height { get; init; } = 32;

    /// <summary>Columns of an image.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Classes.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Of a VGG, the channels of the convolutions of each block; of a ResNet, the channel of the basic blocks of each stage.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Widths { get; init; }

    /// <summary>Blocks of a VGG, from 1 on, that end with pooling over 2x2.</summary>
    public IReadOnlyList<int> PooledBlocks { get; init; } = [];

    /// <summary>Of a ResNet, the stride of its first convolution and of the first block of each stage.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [];

    /// <summary>The pooling of a VGG.</summary>
    public ImagePooling Pooling { get; init; }

    /// <summary>Share dropped in front of the ReLU in training: of a VGG in its blocks of two convolutions, of a ResNet in the first half of each block.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether it has a place that <see cref="Dropout"/> is for.</summary>
    public bool HasDropout => Family == ImageFamily.ResNet || Widths.Any(DropsIn);

    /// <summary>Whether a block of a VGG, by its channels, has dropout.</summary>
    internal static bool DropsIn(IReadOnlyList<int> block) => block.Count == 2;

    /// <summary>T</summary>
    public int TimeSteps { get; init; } = 4;

    /// <summary>Share of the membranes that is dropped in front of each step, in training.</summary>
    public float MembraneDropout { get; init; }

    /// <summary>What a spike does to its membrane.</summary>
    public MembraneReset Reset { get; init; } = MembraneReset.Hard;

    /// <summary>V_th of new neurons; null for one of each, uniform in (0, 1).</summary>
    public float? InitialThreshold { get; init; }

    /// <summary>Whether a step gets a T-th of each bias: counts stand for activations then, and rates otherwise.</summary>
    public bool DividesBias { get; init; } = true;

    /// <summary>
    /// Whether max pooling compares the sums of the currents of all steps so far, and gives by how much the largest has grown: the steps' largest currents add up to more
    /// than the largest sum, which is what a converted network has to give (as Rueckauer et al. 2017, who let the input through that has come most).
    /// </summary>
    public bool PoolsSums { get; init; }

    /// <summary>Whether it was trained to run with spikes; a plain ANN may be converted, but its thresholds mean nothing.</summary>
    public bool IsSpiking { get; init; } = true;

    /// <summary>Taken away from each channel of an image, whose brightest value is 1.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    /// <summary>What the rest is divided by.</summary>
    public IReadOnlyList<float> Std { get; init; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        RequirePositive(Channels, "channels");
        RequirePositive(Height, "height");
        RequirePositive(Width, "width");
        RequirePositive(Classes, "classes");
        RequirePositive(TimeSteps, "time_steps");
        if (Widths.Count == 0 || Widths.Any(block => block.Count == 0 || block.Any(width => width < 1)))
            throw new ArgumentException("widths must be blocks of one positive number or more");
        if (Family == ImageFamily.Vgg && PooledBlocks.FirstOrDefault(block => block < 1 || block > Widths.Count) is var bad and not 0)
            throw new ArgumentException(F($"pooled_blocks has {bad}, there are blocks 1 to {Widths.Count}"));
        if (Family == ImageFamily.ResNet && (Strides.Count != Widths.Count + 1 || Strides.Any(stride => stride < 1)))
            throw new ArgumentException(F($"strides has {Strides.Count} numbers; one from 1 on is wanted for the first convolution and for each of the {Widths.Count} stages"));
        if (!(Dropout is >= 0f and < 1f))
            throw new ArgumentException(F($"dropout is {Dropout}, not in [0, 1)"));
        if (!(MembraneDropout is >= 0f and < 1f))
            throw new ArgumentException(F($"membrane_dropout is {MembraneDropout}, not in [0, 1)"));
        if (InitialThreshold is { } threshold && !(threshold > 0f && float.IsFinite(threshold)))
            throw new ArgumentException(F($"initial_threshold is {threshold}, not a positive number"));
        if (Mean.Count != Std.Count || (Mean.Count != 0 && Mean.Count != Channels) || Std.Any(std => !(std > 0f)))
            throw new ArgumentException(F($"mean has {Mean.Count} and std {Std.Count} numbers; none, or one for each of {Channels} channels are wanted, and every std positive"));
    }

    private static void RequirePositive(int value, string name)
    {
        if (value < 1)
            throw new ArgumentException(F($"{name} is {value}, not positive"));
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
