namespace SpikeEngine.Tests.Engine;

/// <summary>Running a block again in the backward pass changes memory and time, not one bit of the results.</summary>
public class CheckpointTests
{
    private const int Rows = 40, Dim = 33;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GradientsHaveTheSameBits(bool inputNeedsGrad)
    {
        float[][] plain = Gradients(checkpoint: false, inputNeedsGrad), again = Gradients(checkpoint: true, inputNeedsGrad);

        Assert.Equal(plain.Length, again.Length);
        for (int i = 0; i < plain.Length; i++)
            Assert.Equal(Array.ConvertAll(plain[i], BitConverter.SingleToInt32Bits), Array.ConvertAll(again[i], BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void ARandomBlockIsTheSameInBothRuns()
    {
        static (float[] Grad, ulong Position) Run(bool checkpoint)
        {
            SeededRandom random = new(5, "dropout");
            Dropout dropout = new(0.4f, random);
            Tensor x = FiniteDifferences.Normal("x", true, Rows, Dim);
            using Tape tape = Tape.Begin();
            Tensor Block(Tensor r) => Ops.Silu(dropout.Forward(r));
            Tensor y = checkpoint ? Ops.Checkpoint(Block, Ops.Checkpoint(Block, x, random), random) : Block(Block(x));
            y.Grad.Fill(1f);
            tape.Replay();
            return (x.Grad.ToArray(), random.Position);
        }

        (float[] plain, ulong position) = Run(checkpoint: false);
        (float[] again, ulong positionAgain) = Run(checkpoint: true);
        Assert.Equal(plain, again);
        Assert.Equal(position, positionAgain);
    }

    [Fact]
    public void EveryStreamOfABlockStartsAgain()
    {
        static float[] Run(bool checkpoint)
        {
            SeededRandom[] random = [new(5, "first"), new(5, "second")];
            Dropout first = new(0.4f, random[0]), second = new(0.3f, random[1]);
            Tensor x = FiniteDifferences.Normal("x", true, Rows, Dim);
            using Tape tape = Tape.Begin();
            Tensor Block(Tensor r) => second.Forward(Ops.Silu(first.Forward(r)));
            Tensor y = checkpoint ? Ops.Checkpoint(Block, x, random) : Block(x);
            tape.Backward(Ops.Sum(y));
            return x.Grad.ToArray();
        }

        Assert.Equal(Run(checkpoint: false), Run(checkpoint: true));
    }

    [Fact]
    public void ABlockThatDoesSomethingElseTheSecondTimeIsRefused()
    {
        Dropout dropout = new(0.4f, new SeededRandom(5, "forgotten"));
        Tensor x = FiniteDifferences.Normal("x", true, Rows, Dim);
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.Sum(Ops.Checkpoint(dropout.Forward, x));
        string message = Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message;
        Assert.Contains("must be passed to Checkpoint", message, StringComparison.Ordinal);
        Assert.False(x.HasGrad);
    }

    [Fact]
    public void RunningStatisticsMoveOnce()
    {
        static (float[] Mean, float[] Grad) Run(bool checkpoint)
        {
            BatchNorm2d norm = new(ParameterStore.Random(1).Root, 2);
            Tensor x = FiniteDifferences.Normal("x", true, 3, 2, 4, 5);
            using Tape tape = Tape.Begin();
            Tensor y = checkpoint ? Ops.Checkpoint(norm.Forward, x) : norm.Forward(x);
            tape.Backward(Ops.Sum(Ops.Square(y)));
            return (norm.RunningMean.ToArray(), x.Grad.ToArray());
        }

        (float[] mean, float[] grad) = Run(checkpoint: false);
        (float[] meanAgain, float[] gradAgain) = Run(checkpoint: true);
        Assert.Equal(mean, meanAgain);
        Assert.Equal(grad, gradAgain);
    }

    [Fact]
    public void MemoryOfTheInsideIsGivenBack()
    {
        Workspace plain = new(), saving = new();
        Use(plain, checkpoint: false);
        Use(saving, checkpoint: true);
        Assert.True(saving.CapacityBytes < plain.CapacityBytes / 2, $"{saving.CapacityBytes} bytes with, {plain.CapacityBytes} without");

        static void Use(Workspace workspace, bool checkpoint)
        {
            using Workspace.Scope scope = workspace.Open();
            using Tape tape = Tape.Begin();
            Tensor x = FiniteDifferences.Normal("x", true, 500, 500);
            for (int block = 0; block < 8; block++)
                x = checkpoint ? Ops.Checkpoint(Deep, x) : Deep(x);
            x.Grad.Fill(1f);
            tape.Replay();
        }

        static Tensor Deep(Tensor x)
        {
            for (int i = 0; i < 10; i++)
                x = Ops.Silu(x);
            return x;
        }
    }

    [Fact]
    public void ATensorFromOutsideThatWantsAGradientMustBePassedIn()
    {
        using Workspace.Scope scope = new Workspace().Open();
        using Tape tape = Tape.Begin();
        Tensor x = FiniteDifferences.Normal("x", true, Rows, Dim), other = FiniteDifferences.Normal("other", true, Rows, Dim);
        Tensor y = Ops.Checkpoint(inside => Ops.Add(inside, other), x);
        y.Grad.Fill(1f);

        string message = Assert.Throws<InvalidOperationException>(tape.Replay).Message;
        Assert.Contains("checkpoint", message, StringComparison.Ordinal);
        Assert.Contains($"[{Rows}, {Dim}]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatHappenedInsideCannotBeReadLater()
    {
        using Workspace.Scope scope = new Workspace().Open();
        using Tape tape = Tape.Begin();
        Tensor? kept = null;
        Ops.Checkpoint(x => Ops.Silu(kept = Ops.Silu(x)), FiniteDifferences.Normal("x", true, Rows, Dim));
        Assert.Throws<InvalidOperationException>(() => kept!.Values[0]);
    }

    private static float[][] Gradients(bool checkpoint, bool inputNeedsGrad)
    {
        ParameterStore store = ParameterStore.Random(3);
        Parameter[] weights = [.. Enumerable.Range(0, 3).Select(i => store.Root.Get($"weight{i}", [Dim, Dim], Init.KaimingUniform(Dim)))];
        Parameter norm = store.Root.Get("norm", [Dim], Init.Ones);
        Tensor x = FiniteDifferences.Normal("x", inputNeedsGrad, Rows, Dim);

        using Workspace.Scope scope = new Workspace().Open();
        using Tape tape = Tape.Begin();
        Tensor y = x;
        foreach (Parameter weight in weights)
        {
            // A residual block, whose input's gradient has two contributions; all blocks share the norm.
            Tensor Block(Tensor r) => Ops.Add(r, Ops.Silu(Ops.Linear(Ops.RmsNorm(r, norm), weight)));
            y = checkpoint ? Ops.Checkpoint(Block, y) : Block(y);
        }

        Tensor loss = Ops.CrossEntropy(y, Enumerable.Range(0, Rows).Select(row => row % Dim).ToArray());
        tape.Backward(loss);
        return [loss.Values.ToArray(), x.Grad.ToArray(), norm.Grad.ToArray(), .. weights.Select(w => w.Grad.ToArray())];
    }
}
