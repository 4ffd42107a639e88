using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Vision;

/// <summary>
/// The spiking branch, without a gradient: norms folded into the convolutions, which only add the weights of spikes that came, integrate-and-fire neurons over T
/// steps, [T * N, C, H, W]. The same in training and afterwards, but for membranes that are dropped.
/// </summary>
internal class SpikingPass : IImagePass
{
    private readonly ImageNetworkConfig _config;
    private readonly IReadOnlyList<PreparedConvolution> _convolutions;
    private readonly IReadOnlyList<RandomKey[]> _keys;
    private readonly int _images, _firstImage, _last;

    /// <summary>A pass of some images of a batch.</summary>
    /// <param name="config">Steps and neurons.</param>
    /// <param name="convolutions">The network's.</param>
    /// <param name="images">N</param>
    /// <param name="firstImage">Number of the first of them in the batch.</param>
    /// <param name="sites">Number of sites.</param>
    /// <param name="keys">Of each site, [T] keys of the membranes' dropout; empty for none.</param>
    public SpikingPass(
        ImageNetworkConfig config, IReadOnlyList<PreparedConvolution> convolutions, int images, int firstImage, int sites, IReadOnlyList<RandomKey[]> keys)
    {
        (_config, _convolutions, _images, _firstImage, _last, _keys) = (config, convolutions, images, firstImage, sites - 1, keys);
        (Counts, Accumulates) = (new Tensor[sites], new long[convolutions.Count]);
    }

    /// <summary>[N, C, H, W] of each site that has fired.</summary>
    public Tensor[] Counts { get; }

    /// <summary>Additions of weights in each convolution; 0 of the first, which multiplies the image.</summary>
    public long[] Accumulates { get; }

    public virtual Tensor Current(ConvNorm layer, Tensor x) => _convolutions[layer.Index].Forward(x, out Accumulates[layer.Index]);

    public virtual Tensor Add(Tensor a, Tensor b) => a.Shape == b.Shape
        ? Ops.Add(a, b)
        : Ops.Add(ImageSteps.Repeated(a, _images, _config.TimeSteps), ImageSteps.Repeated(b, _images, _config.TimeSteps));

    public Tensor Pool(Tensor current, Size2d window)
    {
        int steps = current.Shape[0] / _images;
        if (!_config.PoolsSums || steps == 1)
            return Ops.MaxPool2d(current, window);
        Tensor sums = Ops.MaxPool2d(Ops.CumSum(current.Reshape(steps, current.Count / steps), axis: 0).Reshape(current.Shape.Dims), window);
        Tensor rows = sums.Reshape(steps, sums.Count / steps);
        return Ops.Concat([rows.SliceRows(0, 1), Ops.Sub(rows.SliceRows(1, steps - 1), rows.SliceRows(0, steps - 1))], axis: 0).Reshape(sums.Shape.Dims);
    }

    public Tensor Drop(Dropout dropout, Tensor current) => current;

    /// <summary>Spikes of all steps; of the last site, whose spikes only the head gets, their numbers.</summary>
    public virtual Tensor Fire(SpikingSite site, Tensor current)
    {
        (int c, int h, int w) = (current.Shape[1], current.Shape[2], current.Shape[3]);
        bool drops = _keys.Count > 0;
        (Tensor? spikes, Tensor counts) = Ops.IntegrateAndFire(
            current.Reshape(current.Shape[0] / _images, _images, c, h, w), site.Threshold, new IfOptions
            {
                Steps = _config.TimeSteps, Reset = _config.Reset, MembraneDropout = drops ? _config.MembraneDropout : 0f,
                DropoutKeys = drops ? _keys[site.Index] : [], FirstImage = _firstImage,
            }, countsOnly: site.Index == _last);
        Counts[site.Index] = counts;
        return spikes?.Reshape(_config.TimeSteps * _images, c, h, w) ?? counts;
    }
}
