namespace SpikeEngine.Model.Vision;

/// <summary>Convolution, norm, perhaps pooling, neurons (SNN2ANN, section 3.5).</summary>
internal sealed class ConvUnit(ConvNorm conv, Dropout? dropout, SpikingSite? beforeAverage, bool poolsLargest, SpikingSite site) : IImageUnit
{
    private const int Window = 2;

    public ImageFlow Forward(ImageFlow x, IImagePass pass)
    {
        Tensor current = pass.Current(conv, x.Fired);
        if (poolsLargest)
            current = pass.Pool(current, Window);
        if (dropout is not null)
            current = pass.Drop(dropout, current);
        if (beforeAverage is not null)
            current = Ops.AvgPool2d(pass.Fire(beforeAverage, current), Window);
        return new ImageFlow(pass.Fire(site, current), current);
    }
}
