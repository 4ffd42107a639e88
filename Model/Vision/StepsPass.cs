namespace SpikeEngine.Model.Vision;

/// <summary>Spikes with a gradient through all steps, for back-propagation through time: the steps lie behind one another as images do, [T * N, C, H, W].</summary>
internal sealed class StepsPass(int images, int steps, LifOptions neuron) : IImagePass
{
    public Tensor Current(ConvNorm layer, Tensor x) => layer.Forward(x);

    public Tensor Add(Tensor a, Tensor b) => Ops.Add(ImageSteps.Repeated(a, images, steps), ImageSteps.Repeated(b, images, steps));

    public Tensor Drop(Dropout dropout, Tensor current) => dropout.Forward(current);

    public Tensor Fire(SpikingSite site, Tensor current)
    {
        Tensor all = ImageSteps.Repeated(current, images, steps);   // in front of the first neurons the image is the same in each
        (int c, int h, int w) = (all.Shape[1], all.Shape[2], all.Shape[3]);
        return Ops.LifSpikes(all.Reshape(steps, images * c, h, w), neuron).Reshape(steps * images, c, h, w);
    }
}
