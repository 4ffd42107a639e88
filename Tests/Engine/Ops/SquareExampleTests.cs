using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>The op that CONTRIBUTING.md adds in ten lines.</summary>
public class SquareExampleTests
{
    [Fact]
    public void It_has_its_value_and_its_gradient()
    {
        Tensor x = Tensor.From([-2f, 0.5f, 3f], 3);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Unary<Square>(x);
        y.Grad.Fill(1f);
        tape.Replay();

        Assert.Equal([4f, 0.25f, 9f], y.Values.ToArray());
        Assert.Equal([-4f, 1f, 6f], x.Grad.ToArray());
    }

    /// <summary>y = x²</summary>
    private readonly struct Square : IUnaryOp
    {
        public static L Value<L>(L x)
            where L : struct, ILanes<L> => x * x;

        public static L Slope<L>(L x)
            where L : struct, ILanes<L> => x + x;
    }
}
