using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Engine;

[Collection(Lanes.Name)]
public class LifSpikesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void Spikes_and_gradients_are_those_of_the_neuron_that_keeps_its_potentials(int steps) => Lanes.AtEveryWidth(() =>
    {
        foreach (LifOptions options in (LifOptions[])
        [
            new() { Tau = 10f, Threshold = 0.7f }, new() { Tau = 3f, Reset = MembraneReset.Hard, RestingPotential = 0.2f, DecaysInput = true },
            new() { ResetBy = 0.4f, DetachesReset = true }, new() { Tau = float.PositiveInfinity, Threshold = 0.3f, Surrogate = Surrogate.Triangular },
        ])
        {
            (float[] spikes, float[] gradient) = Run(x => Ops.LifSpikes(x, options));
            (float[] expected, float[] expectedGradient) = Run(x => Ops.Lif(x, options).S);
            Assert.Equal(expected, spikes);
            Assert.Equal(expectedGradient, gradient);
        }

        (float[] Spikes, float[] Gradient) Run(Func<Tensor, Tensor> neuron)
        {
            Tensor x = Tensor.RandomNormal(new SeededRandom(4, "lif"), steps, 37), weight = Tensor.RandomNormal(new SeededRandom(5, "lif"), steps, 37);
            x.NeedsGrad = true;
            using Tape tape = Tape.Begin();
            Tensor s = neuron(x);
            tape.Backward(Ops.Sum(Ops.Mul(s, weight)));
            return (s.ToArray(), x.Grad.ToArray());
        }
    });

    [Fact]
    public void What_has_no_steps_or_other_spikes_is_refused()
    {
        Assert.Contains("[0, 3]", Assert.Throws<ArgumentException>(() => Ops.LifSpikes(Tensor.Zeros(0, 3), new LifOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("[0, 3]", Assert.Throws<ArgumentException>(() => Ops.Lif(Tensor.Zeros(0, 3), new LifOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("[65, 3]", Assert.Throws<ArgumentException>(() => Ops.LifSpikes(Tensor.Zeros(65, 3), new LifOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("[4]", Assert.Throws<ArgumentException>(() => Ops.LifSpikes(Tensor.Zeros(4), new LifOptions())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Ops.LifSpikes(Tensor.Zeros(4, 3), new LifOptions { Levels = 2 }));
    }
}
