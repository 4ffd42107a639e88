namespace SpikeEngine.Tests.Engine;

/// <summary>Gradients of results give their memory back during the backward pass; see <see cref="Tensor.KeepsGrad"/>.</summary>
public class GradientMemoryTests
{
    private const int Size = 10_000;

    [Fact]
    public void AChainNeedsRoomForAFewGradientsAndNotForAll()
    {
        Assert.InRange(UsedBy(length: 40) - UsedBy(length: 10), 0, 31L * Size * sizeof(float));

        static long UsedBy(int length)
        {
            Workspace workspace = new();
            using Workspace.Scope step = workspace.Open();
            using Tape tape = Tape.Begin();
            Tensor x = new(Size) { NeedsGrad = true };
            x.Values.Fill(0.5f);
            Tensor y = x;
            for (int i = 0; i < length; i++)
                y = Ops.Tanh(y);
            tape.Backward(Ops.Sum(y));
            Assert.NotEqual(0f, x.Grad[0]);
            return workspace.UsedBytes;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnlyAKeptGradientOfAResultCanBeLookedAt(bool keeps)
    {
        using Tape tape = Tape.Begin();
        Tensor x = Tensor.From([3f], 1);
        x.NeedsGrad = true;
        Tensor square = Ops.Mul(x, x);
        square.KeepsGrad = keeps;
        tape.Backward(Ops.Scale(square, 2f));

        Assert.Equal(12f, x.Grad[0]);
        if (keeps)
            Assert.Equal(2f, square.Grad[0]);
        else
            Assert.Contains("KeepsGrad", Assert.Throws<InvalidOperationException>(() => square.Grad[0]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AViewHasNoGradientOfItsOwnToKeep()
    {
        Tensor x = new(2, 3);
        Assert.Throws<InvalidOperationException>(() => x.Reshape(6).KeepsGrad = true);
    }

    [Fact]
    public void GradientsOfACheckpointedBlockDoNotTakeMemoryThatOutlivesIt()
    {
        Workspace workspace = new();
        float[] plain = Gradient(checkpoint: false), again = Gradient(checkpoint: true);
        Assert.Equal(plain, again);

        float[] Gradient(bool checkpoint)
        {
            using Workspace.Scope step = workspace.Open();
            using Tape tape = Tape.Begin();
            Tensor x = new(Size) { NeedsGrad = true };
            for (int i = 0; i < Size; i++)
                x.Values[i] = MathF.Sin(i);
            Tensor y = x;
            for (int i = 0; i < 4; i++)
                y = checkpoint ? Ops.Checkpoint(Block, y) : Block(y);
            tape.Backward(Ops.Sum(y));
            return x.Grad.ToArray();
        }

        static Tensor Block(Tensor x) => Ops.Mul(Ops.Tanh(Ops.Sigmoid(x)), x);
    }
}
