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
    public void ValuesGivenBackMakeRoomForGradientsAndCanNotBeRead()
    {
        Workspace workspace = new();
        (long keeping, float[] expected) = Run(keepsValues: true);
        (long giving, float[] actual) = Run(keepsValues: false);
        Assert.Equal(expected, actual);
        Assert.InRange(keeping - giving, 5L * Size * sizeof(float), long.MaxValue);

        (long Bytes, float[] Gradient) Run(bool keepsValues)
        {
            using Workspace.Scope step = workspace.Open();
            using Tape tape = Tape.Begin();
            Tensor[] leaves = [.. Enumerable.Range(0, 10).Select(_ => new Tensor(Size) { NeedsGrad = true })];
            foreach (Tensor leaf in leaves)
                leaf.Values.Fill(0.5f);

            // Gradients of leaves stay, so that each new one needs room.
            Tensor product = Ops.Tanh(leaves[0]), view = product.Reshape(Size / 2, 2);
            foreach (Tensor leaf in leaves[1..])
                product = Ops.Mul(product, Ops.Tanh(leaf));
            Tensor last = Ops.Sum(product);
            tape.Backward(last, keepsValues);
            foreach (Tensor result in new[] { product, view, last })
            {
                if (keepsValues)
                    Assert.True(float.IsFinite(result.Values[0]));
                else
                    Assert.Contains("given back", Assert.Throws<InvalidOperationException>(() => result.Values[0]).Message, StringComparison.Ordinal);
            }

            return (workspace.UsedBytes, [.. leaves.SelectMany(leaf => leaf.Grad.ToArray())]);
        }
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
