namespace SpikeEngine.Model.Vision;

/// <summary>The spiking branch as it runs when training is over: convolutions of spikes only add the weights of those that came, which is counted.</summary>
internal sealed class EventPass(ImageNetworkConfig config, PreparedConvolution[] convolutions, int images, int sites)
    : SpikingPass(config, folded: [], images, firstImage: 0, sites, keys: [])
{
    /// <summary>Additions of weights in each convolution; 0 of the first, which multiplies the image.</summary>
    public long[] Accumulates { get; } = new long[convolutions.Length];

    public override Tensor Current(ConvNorm layer, Tensor x)
    {
        PreparedConvolution conv = convolutions[layer.Index];
        if (conv.Spiking is null)
            return layer.Forward(x, (conv.Dense!, conv.Bias));
        SpikeConv2dResult result = Ops.SpikeConv2d(x, conv.Spiking, conv.Bias);
        Accumulates[layer.Index] = result.Accumulates;
        return result.Y;
    }
}

/// <summary>A convolution with its norm folded in, laid out for adding unless it gets the image.</summary>
internal sealed record PreparedConvolution(Tensor? Dense, Tensor Bias, SpikeConvWeight? Spiking);
