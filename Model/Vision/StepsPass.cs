namespace SpikeEngine.Model.Vision;

/// <summary>Spikes with a gradient through all steps, for back-propagation through time: the steps lie behind one another as images do, [T * N, C, H, W].</summary>
internal sealed class StepsPass(int images, int steps, LifOptions neuron) : IImagePass
{
    public Tensor Current(ConvNorm layer, Tensor x) => layer.Forward(x);

    public Tensor Add(Tensor a, Tensor b) => Ops.Add(OfAllSteps(a), OfAllSteps(b));

    public Tensor Drop(Dropout dropout, Tensor current) => dropout.Forward(current);

    public Tensor Fire(SpikingSite site, Tensor current)
    {
        Tensor all = OfAllSteps(current);
        (int c, int h, int w) = (all.Shape[1], all.Shape[2], all.Shape[3]);
        return Ops.LifSpikes(all.Reshape(steps, images * c, h, w), neuron).Reshape(steps * images, c, h, w);
    }

    /// <summary>The image is the same in each step, and so is what comes of it in front of the first neurons.</summary>
    private Tensor OfAllSteps(Tensor x)
    {
        if (x.Shape[0] != images || steps == 1)
            return x;
        (int c, int h, int w) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        return Ops.Expand(x.Reshape(1, images * c, h, w), steps, images * c, h, w).Reshape(steps * images, c, h, w);
    }
}
