namespace SpikeEngine.Model.Vision;

/// <summary>The network as an ANN: norms with the batch's statistics while a tape records, ReLU in the place of neurons.</summary>
internal class AnnPass : IImagePass
{
    public Tensor Current(ConvNorm layer, Tensor x) => layer.Forward(x);

    public Tensor Add(Tensor a, Tensor b) => Ops.Add(a, b);

    public Tensor Drop(Dropout dropout, Tensor current) => dropout.Forward(current);

    public virtual Tensor Fire(SpikingSite site, Tensor current) => Ops.Relu(current);
}
