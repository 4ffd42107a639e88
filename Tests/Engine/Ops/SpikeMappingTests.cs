using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Engine;

/// <summary>STSU and ReSU, worked by hand (SNN2ANN, section 3.3).</summary>
[Collection(Lanes.Name)]
public class SpikeMappingTests
{
    private static readonly float[] s_activations = [2.5f, 0f, 0.25f, 0f, 1f];
    private static readonly float[] s_counts = [3f, 2f, 0f, 0f, 1f];

    [Theory]
    [InlineData(MappingUnit.Stsu, new[] { 3f, 2f, 0f, 0f, 1f })]
    [InlineData(MappingUnit.Resu, new[] { 3f, 0f, 0f, 0f, 1f })]
    public void Counts_go_forward_and_the_gradient_comes_back_as_it_is(MappingUnit unit, float[] expected) => Lanes.AtEveryWidth(() =>
    {
        Tensor x = Tensor.From(s_activations, 5), counts = Tensor.From(s_counts, 5);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.SpikeMapping(x, counts, unit);
        tape.Backward(Ops.Sum(Ops.Mul(y, Tensor.From([1f, -2f, 3f, 4f, 5f], 5))));
        Assert.Equal(expected, y.ToArray());
        Assert.Equal([1f, -2f, 3f, 4f, 5f], x.Grad.ToArray());
    });

    [Fact]
    public void A_spike_of_a_unit_that_is_off_is_noise() => Lanes.AtEveryWidth(() =>
    {
        Assert.Equal(0.2f, Ops.NoisyShare(Tensor.From(s_activations, 5), Tensor.From(s_counts, 5)), 1e-6f);
        Assert.Equal(0.5f, Ops.NoisyShare(Tensor.From([-1f, 1f], 2), Tensor.From([1f, 1f], 2)), 1e-6f);
    });

    [Fact]
    public void Other_shapes_are_refused() =>
        Assert.Equal("counts", Assert.Throws<ArgumentException>(() => Ops.SpikeMapping(Tensor.Zeros(2, 3), Tensor.Zeros(3, 2), MappingUnit.Resu)).ParamName);
}
