using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Vision;

/// <summary>
/// A network for images with one set of weights for two branches (SNN2ANN, arXiv 2206.09449): spikes over T steps without a gradient, and an ANN, run once, that
/// gets their counts in the place of its activations. It also runs as a plain ANN, and with a gradient through all steps.
/// </summary>
public sealed class ImageNetwork : Module
{
    internal const int ImagesTogether = 8;   // of a spiking pass: what is between its layers stays in the cache, and all steps of a batch never exist at once

    private readonly List<IImageUnit> _units = [];
    private readonly List<SpikingSite> _sites = [];
    private readonly List<ConvNorm> _convolutions = [];
    private readonly Linear _classifier;
    private readonly SeededRandom _random;

    /// <summary>Builds the network; its parameters come from the store.</summary>
    /// <param name="config">Sizes; validated here.</param>
    /// <param name="parameters">A new store: random, copied, or over a checkpoint.</param>
    /// <param name="seed">Of what is dropped in training.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public ImageNetwork(ImageNetworkConfig config, ParameterStore parameters, ulong seed = 1)
        : base((parameters ?? throw new ArgumentNullException(nameof(parameters))).Root)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        (Config, Store, _random) = (config, parameters, new SeededRandom(seed, "dropout"));
        (int channels, int height, int width) = config.Family == ImageFamily.Vgg ? AddVgg() : AddResNet();
        Features = config.Family == ImageFamily.Vgg ? channels * height * width : channels;
        _classifier = new Linear(parameters.Root / "classifier", Features, config.Classes);
    }

    /// <summary>Sizes and switches.</summary>
    public ImageNetworkConfig Config { get; }

    /// <summary>What holds all parameters.</summary>
    public ParameterStore Store { get; }

    /// <summary>The layers of neurons, in the order of the forward pass.</summary>
    public IReadOnlyList<SpikingSite> Sites => _sites;

    /// <summary>The convolutions, in the order of the forward pass.</summary>
    public IReadOnlyList<ConvNorm> Convolutions => _convolutions;

    /// <summary>Inputs of the classifier.</summary>
    public int Features { get; }

    /// <summary>The last layer.</summary>
    public Linear Classifier => _classifier;

    /// <summary>Of what is dropped in training; its position belongs into the state of a run.</summary>
    public SeededRandom Random => _random;

    /// <summary>The plain ANN.</summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <returns>Logits [N, classes].</returns>
    /// <exception cref="ArgumentException">The images have other sizes.</exception>
    public Tensor Forward(Tensor images) => Readout(Run(images, new AnnPass()));

    /// <summary>The spiking branch: numbers of spikes of each neuron in T steps, for images that are the same in each. No gradient.</summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <param name="training">Whether membranes are dropped.</param>
    /// <returns>[N, C, H, W] of each of <see cref="Sites"/>.</returns>
    /// <exception cref="ArgumentException">The images have other sizes.</exception>
    public IReadOnlyList<Tensor> CountSpikes(Tensor images, bool training = false)
    {
        RequireImages(images);
        int n = images.Shape[0];
        Tensor[] counts = [.. _sites.Select(site => site.NewCounts(n))];
        RandomKey[][] keys = training && Config.MembraneDropout > 0f
            ? [.. _sites.Select(_ => Enumerable.Range(0, Config.TimeSteps).Select(_ => _random.NextKey()).ToArray())]
            : [];
        using var weights = Workspace.OpenRegion();
        PreparedConvolution[] convolutions = Prepared();
        for (int first = 0; first < n; first += ImagesTogether)
        {
            int some = Math.Min(ImagesTogether, n - first);
            using var region = Workspace.OpenRegion();
            SpikingPass pass = new(Config, convolutions, some, first, _sites.Count, keys);
            Run(images.SliceRows(first, some), pass);
            for (int site = 0; site < counts.Length; site++)
                pass.Counts[site].Values.CopyTo(counts[site].Values[(first * _sites[site].Neurons)..]);
        }

        return counts;
    }

    /// <summary>The ANN branch: counts of the spiking branch in the place of activations. While a tape records, thresholds adapt.</summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <param name="counts">Of each site, as <see cref="CountSpikes"/> gives them.</param>
    /// <param name="unit">How they are put in.</param>
    /// <param name="noise">The mean share of spikes of units that are off.</param>
    /// <returns>Logits [N, classes].</returns>
    public Tensor ForwardMapped(Tensor images, IReadOnlyList<Tensor> counts, MappingUnit unit, out float noise)
    {
        ArgumentNullException.ThrowIfNull(counts);
        MappedPass pass = new(counts, unit);
        Tensor last = Run(images, pass);
        noise = pass.Noise / _sites.Count;
        return Readout(Ops.Scale(last, 1f / Config.TimeSteps));
    }

    /// <summary>Spikes with a gradient through all steps, of neurons that all have the threshold <see cref="ImageNetworkConfig.InitialThreshold"/>.</summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <param name="surrogate">The slope of a spike.</param>
    /// <returns>Logits [N, classes], from the mean over the steps.</returns>
    /// <exception cref="InvalidOperationException">There is no such threshold.</exception>
    public Tensor ForwardSteps(Tensor images, Surrogate surrogate = Surrogate.Arctan)
    {
        ArgumentNullException.ThrowIfNull(images);
        float threshold = Config.InitialThreshold ?? throw new InvalidOperationException("Neurons with thresholds of their own have no gradient through the steps; set initial_threshold.");
        int n = images.Shape[0];

        // Above the threshold is at the next number or above it.
        LifOptions neuron = new()
        {
            Tau = float.PositiveInfinity, Threshold = MathF.BitIncrement(threshold), Reset = Config.Reset, ResetBy = Config.Reset == MembraneReset.Soft ? threshold : null, Surrogate = surrogate,
        };
        Tensor last = Run(images, new StepsPass(n, Config.TimeSteps, neuron));
        return Readout(Ops.Mean(last.Reshape(Config.TimeSteps, n, last.Count / Config.TimeSteps / n), axis: 0).Reshape(n, last.Shape[1], last.Shape[2], last.Shape[3]));
    }

    /// <summary>Logits of the spiking branch, from the numbers of spikes of the last site.</summary>
    /// <param name="last">[N, C, H, W]</param>
    /// <returns>[N, classes]</returns>
    public Tensor SpikingLogits(Tensor last) => Readout(Ops.Scale(last, 1f / Config.TimeSteps));

    /// <summary>All convolutions for the spiking branch, for as long as the current <see cref="Workspace"/> is open.</summary>
    internal PreparedConvolution[] Prepared() => [.. _convolutions.Select(conv => PreparedConvolution.Of(conv, BiasSteps))];

    /// <summary>All convolutions for the spiking branch, to be kept.</summary>
    internal PreparedConvolution[] PreparedToKeep() => [.. _convolutions.Select(conv => PreparedConvolution.Kept(conv, BiasSteps))];

    /// <summary>Runs all units.</summary>
    internal Tensor Run(Tensor images, IImagePass pass)
    {
        RequireImages(images);
        ImageFlow x = new(images, images);
        foreach (IImageUnit unit in _units)
            x = unit.Forward(x, pass);
        return x.Fired;
    }

    /// <summary>What the last layer of neurons gives, in the mean over places in a ResNet, through the classifier.</summary>
    internal Tensor Readout(Tensor last)
    {
        Tensor features = Config.Family == ImageFamily.Vgg ? last : Ops.AvgPool2d(last, new Size2d(last.Shape[2], last.Shape[3]));
        return _classifier.Forward(features.Reshape(last.Shape[0], Features));
    }

    private int BiasSteps => Config.DividesBias ? Config.TimeSteps : 1;

    private (int Channels, int Height, int Width) AddVgg()
    {
        (int channels, int height, int width) = (Config.Channels, Config.Height, Config.Width);
        SpikingSite? last = null;
        for (int block = 0; block < Config.Widths.Count; block++)
        {
            IReadOnlyList<int> outputs = Config.Widths[block];
            for (int i = 0; i < outputs.Count; i++)
            {
                ParameterScope scope = Store.Root / "blocks" / block / i;
                ConvNorm conv = Conv(scope, channels, outputs[i], kernel: 3, stride: 1, height * width, last, initial: null);
                bool pools = i == outputs.Count - 1 && Config.PooledBlocks.Contains(block + 1), takesMean = pools && Config.Pooling == ImagePooling.Average;
                channels = outputs[i];
                SpikingSite? beforeAverage = takesMean ? Site(scope / "before_pool", channels, height, width, meanOf: null) : null;
                if (pools)
                    (height, width) = Halved(height, width, block);
                Dropout? dropout = Config.Dropout > 0f && ImageNetworkConfig.DropsIn(outputs) ? new Dropout(Config.Dropout, _random) : null;
                last = Site(scope, channels, height, width, beforeAverage);
                _units.Add(new ConvUnit(conv, dropout, beforeAverage, pools && !takesMean, last));
            }
        }

        return (channels, height, width);
    }

    private (int Channels, int Height, int Width) AddResNet()
    {
        int channels = Config.Widths[0][0], height = Strided(Config.Height, Config.Strides[0]), width = Strided(Config.Width, Config.Strides[0]);
        ParameterScope stem = Store.Root / "stem";
        ConvNorm first = Conv(stem, Config.Channels, channels, kernel: 3, Config.Strides[0], height * width, source: null, FanOut(channels, 3));
        SpikingSite last = Site(stem, channels, height, width, meanOf: null);
        _units.Add(new ConvUnit(first, dropout: null, beforeAverage: null, poolsLargest: false, last));
        for (int stage = 0; stage < Config.Widths.Count; stage++)
        {
            for (int block = 0; block < Config.Widths[stage].Count; block++)
            {
                int outputs = Config.Widths[stage][block], stride = block == 0 ? Config.Strides[stage + 1] : 1;
                (height, width) = (Strided(height, stride), Strided(width, stride));
                ParameterScope scope = Store.Root / "stages" / stage / block;
                ConvNorm conv1 = Conv(scope / "conv1", channels, outputs, kernel: 3, stride, height * width, last, FanOut(outputs, 3));
                SpikingSite inner = Site(scope / "conv1", outputs, height, width, meanOf: null);
                ConvNorm conv2 = Conv(scope / "conv2", outputs, outputs, kernel: 3, stride: 1, height * width, inner, FanOut(outputs, 3));
                ConvNorm? shortcut = stride != 1 || outputs != channels ? Conv(scope / "shortcut", channels, outputs, kernel: 1, stride, height * width, last, FanOut(outputs, 1)) : null;
                last = Site(scope, outputs, height, width, meanOf: null);
                _units.Add(new ResidualBlock(conv1, Config.Dropout > 0f ? new Dropout(Config.Dropout, _random) : null, inner, conv2, shortcut, last));
                channels = outputs;
            }
        }

        return (channels, height, width);
    }

    private ConvNorm Conv(ParameterScope scope, int channels, int outputs, int kernel, int stride, int places, SpikingSite? source, Initializer? initial)
    {
        ConvNorm conv = new(scope, _convolutions.Count, channels, outputs, kernel, stride, places, source, initial);
        _convolutions.Add(conv);
        return conv;
    }

    private SpikingSite Site(ParameterScope scope, int channels, int height, int width, SpikingSite? meanOf)
    {
        SpikingSite site = new(scope, _sites.Count, channels, height, width, meanOf, Config.InitialThreshold);
        _sites.Add(site);
        return site;
    }

    private static (int Height, int Width) Halved(int height, int width, int block) => height < 2 || width < 2
        ? throw new ArgumentException($"pooled_blocks: in front of the pooling of block {block + 1} maps are {height}x{width} already")
        : (height / 2, width / 2);

    private static int Strided(int size, int stride) => (size - 1) / stride + 1;

    /// <summary>Kaiming's normal weights for ReLU, by the outputs that an input reaches; of the published ResNet.</summary>
    private static Initializer FanOut(int outputs, int kernel) => Init.Normal(MathF.Sqrt(2f / (outputs * kernel * kernel)));

    private void RequireImages(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Shape.Rank != 4 || images.Shape[1] != Config.Channels || images.Shape[2] != Config.Height || images.Shape[3] != Config.Width)
            throw new ArgumentException($"images is {images.Shape}; [N, {Config.Channels}, {Config.Height}, {Config.Width}] is wanted.", nameof(images));
    }
}
