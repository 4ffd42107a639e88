using SpikeEngine.Model.Opt;

namespace SpikeEngine.Tests.Model.Opt;

public class BinarySpikingTests
{
    /// <summary>
    /// A current of 0.7 in each of four steps. The paper's U_t = I_t + 0.9 U_{t-1} - 0.7 S_{t-1}: 0.7, 0.63, 1.267, 1.1403. With the reset in front of the leak nothing
    /// is left of what has spiked: 0.7 each time.
    /// </summary>
    [Fact]
    public void TheNeuronOfEitherPresetIsThatOfItsEquation()
    {
        Tensor current = Tensor.Full(0.7f, 4, 1);
        Assert.Equal([1f, 0f, 1f, 1f], Ops.LifSpikes(current, BinarySpiking.Paper.Neuron).ToArray());
        Assert.Equal([1f, 1f, 1f, 1f], Ops.LifSpikes(current, BinarySpiking.Stable.Neuron).ToArray());
    }
}
