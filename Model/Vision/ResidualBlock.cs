namespace SpikeEngine.Model.Vision;

/// <summary>
/// A basic block whose currents are added (SNN2ANN, section 3.5): out = IF(I_conv2 + I_shortcut). The identity carries the sum of the block before; where sizes
/// change, a convolution of one tap makes the shortcut's current of that block's spikes. The ANN has pre-activations in the place of currents.
/// </summary>
internal sealed class ResidualBlock(ConvNorm conv1, Dropout? dropout, SpikingSite inner, ConvNorm conv2, ConvNorm? shortcut, SpikingSite site) : IImageUnit
{
    public ImageFlow Forward(ImageFlow x, IImagePass pass)
    {
        Tensor current = pass.Current(conv1, x.Fired);
        if (dropout is not null)
            current = pass.Drop(dropout, current);
        Tensor own = pass.Current(conv2, pass.Fire(inner, current));
        Tensor sum = pass.Add(own, shortcut is null ? x.Current : pass.Current(shortcut, x.Fired));
        return new ImageFlow(pass.Fire(site, sum), sum);
    }
}
