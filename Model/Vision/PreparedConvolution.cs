namespace SpikeEngine.Model.Vision;

/// <summary>
/// A convolution of the spiking branch with its norm folded in: laid out for adding the weights of those spikes that came; the first one, which
/// gets the image, multiplies.
/// </summary>
internal sealed class PreparedConvolution
{
    private readonly ConvNorm _layer;
    private readonly Tensor _bias;
    private readonly Tensor? _dense;
    private readonly SpikeConvWeight? _spiking;

    private PreparedConvolution(ConvNorm layer, Tensor bias, Tensor? dense, SpikeConvWeight? spiking) =>
        (_layer, _bias, _dense, _spiking) = (layer, bias, dense, spiking);

    /// <summary>For as long as the current <see cref="Workspace"/> is open.</summary>
    /// <param name="layer">The convolution and its norm.</param>
    /// <param name="steps">T where a step gets a T-th of the bias, else 1.</param>
    public static PreparedConvolution Of(ConvNorm layer, int steps)
    {
        (Tensor weight, Tensor bias) = layer.Folded(steps);
        return layer.Source is null
            ? new PreparedConvolution(layer, bias, weight, spiking: null)
            : new PreparedConvolution(layer, bias, dense: null, SpikeConvWeight.InWorkspace(weight, layer.Conv.Stride, layer.Conv.Padding));
    }

    /// <summary>To be kept.</summary>
    /// <inheritdoc cref="Of"/>
    public static PreparedConvolution Kept(ConvNorm layer, int steps)
    {
        using var region = Workspace.OpenRegion();
        (Tensor weight, Tensor bias) = layer.Folded(steps);
        bias = bias.Persist();
        return layer.Source is null
            ? new PreparedConvolution(layer, bias, weight.Persist(), spiking: null)
            : new PreparedConvolution(layer, bias, dense: null, SpikeConvWeight.From(weight, layer.Conv.Stride, layer.Conv.Padding));
    }

    /// <summary>Currents of maps.</summary>
    /// <param name="x">[N, C, H, W]; 0 or 1, unless it is the image.</param>
    /// <param name="accumulates">Additions that it took; 0 where it multiplies.</param>
    /// <returns>[N, O, OH, OW]</returns>
    public Tensor Forward(Tensor x, out long accumulates)
    {
        accumulates = 0;
        if (_spiking is null)
            return Ops.Conv2d(x, _dense!, _bias, _layer.Conv.Stride, _layer.Conv.Padding);
        SpikeConv2dResult result = Ops.SpikeConv2d(x, _spiking, _bias);
        accumulates = result.Accumulates;
        return result.Y;
    }
}
