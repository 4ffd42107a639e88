using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>The op that CONTRIBUTING.md adds in ten lines.</summary>
public class ExampleOpTests
{
    [Fact]
    public void It_has_its_value_and_its_gradient()
    {
        Tensor x = Tensor.From([-2f, 0.5f, 3f], 3);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Unary<Cube>(x);
        y.Grad.Fill(1f);
        tape.Replay();

        Assert.Equal([-8f, 0.125f, 27f], y.Values.ToArray());
        Assert.Equal([12f, 0.75f, 27f], x.Grad.ToArray());
    }

    /// <summary>y = x³</summary>
    private readonly struct Cube : IUnaryOp
    {
        public L Value<L>(L x)
            where L : struct, ILanes<L> => x * x * x;

        public L Slope<L>(L x)
            where L : struct, ILanes<L> => L.Splat(3f) * x * x;
    }
}
