using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>The check passes what is right, and finds and names what is wrong.</summary>
public class GradientCheckTests
{
    [Fact]
    public void AChainOfOperationsPasses()
    {
        GradientCheckResult result = GradientCheck.Run(
            t => Ops.GatedRmsNorm(Ops.CausalConv1d(t[0], t[1], t[2]), t[3], t[4], 3),
            [
                Normal("x", true, 1, 5, 6), Normal("w", true, 6, 1, 4), Normal("b", true, 6), Normal("z", true, 1, 5, 6),
                Normal("weight", true, 6),
            ]);

        result.ThrowIfFailed();
        Assert.Equal(30 + 24 + 6 + 30 + 6, result.Elements);
    }

    [Fact]
    public void AWrongGradientIsFoundAndItsElementNamed()
    {
        GradientCheckResult result = GradientCheck.Run(t => Cube(Ops.Scale(t[0], 1f), wrongAt: 4), [Normal("x", true, 2, 3)]);

        Assert.False(result.Passed);
        Assert.Equal("input 0", result.Worst.Name);
        Assert.Equal([1, 1], result.Worst.Index);
        Assert.Equal(2 * result.Worst.Expected, result.Worst.Actual, 1e-3);
        string message = Assert.Throws<InvalidOperationException>(result.ThrowIfFailed).Message;
        Assert.StartsWith("Gradient check FAILED, 6 gradient elements; worst: input 0 [2, 3] at [1, 1]: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongGradientOfAParameterIsNamedByItsPath()
    {
        ParameterStore store = ParameterStore.Random(1);
        Linear linear = new(store.Root / "outer" / "inner", 3, 2);
        Tensor x = Normal("x", false, 1, 3);
        x.Values.Fill(1f);

        GradientCheckResult result = GradientCheck.Run(linear, () => Cube(linear.Forward(x), wrongAt: 1));

        Assert.False(result.Passed);
        Assert.StartsWith("outer.inner.", result.Worst.Name, StringComparison.Ordinal);
        Assert.Equal(1, result.Worst.Index[0]);
    }

    [Fact]
    public void AWrongValueIsFoundAndItsOperationNamed()
    {
        Tensor[] inputs = [Normal("x", true, 2, 3)];

        GradientCheckResult result = GradientCheck.Run(t => Cube(t[0], offset: 0.1f), inputs);
        Assert.False(result.Passed);
        Assert.Equal("value of Cube", result.Worst.Name);

        GradientCheck.Run(t => Cube(t[0], offset: 0.1f), inputs, new GradientCheckOptions { CheckValues = false }).ThrowIfFailed();
    }

    [Fact]
    public void AnOperationWithoutADoubleFormIsRefused()
    {
        string message = Assert.Throws<NotSupportedException>(
            () => GradientCheck.Run(t => Ops.Silu(Opaque(t[0])), [Normal("x", true, 2, 3)])).Message;

        Assert.StartsWith("Opaque has no double form", message, StringComparison.Ordinal);
        Assert.False(Tape.IsRecording);
    }

    [Fact]
    public void WhatChecksNothingIsRefused()
    {
        Assert.Contains("set NeedsGrad", Assert.Throws<ArgumentException>(
            () => GradientCheck.Run(t => Ops.Silu(t[0]), [Normal("x", false, 2, 3)])).Message, StringComparison.Ordinal);
        Tensor x = Normal("x", true, 2, 3);
        Assert.Contains("uses none of the tensors", Assert.Throws<ArgumentException>(
            () => GradientCheck.Run(_ => Ops.Silu(x), [Normal("unused", true, 2, 3)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => GradientCheck.Run(t => Ops.Silu(t[0]), [x], new GradientCheckOptions { ElementsPerTensor = 0 }));
        Assert.Contains("no elements", Assert.Throws<ArgumentException>(
            () => GradientCheck.Run(t => Ops.Silu(t[0]), [Normal("x", true, 0, 3)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GradientsAreZerosAfterwards()
    {
        Tensor x = Normal("x", true, 2, 3);
        x.Grad.Fill(3f);
        GradientCheck.Run(t => Ops.Silu(t[0]), [x]).ThrowIfFailed();
        Assert.All(x.Grad.ToArray(), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void GradientsGoThroughViews()
    {
        // The input, a weight and a result are all used through views, and rows 1 and 2 of the input twice.
        GradientCheck.Run(
            t =>
            {
                Tensor h = Ops.Silu(t[0].SliceRows(1, 3).Reshape(2, 6));
                Tensor y = Ops.Linear(h.Reshape(4, 3), t[1].SliceRows(2, 2));
                return Ops.Add(y.Reshape(8), Ops.Silu(t[0].SliceRows(0, 2).Reshape(8))).Reshape(2, 4);
            },
            [Normal("x", true, 4, 4), Normal("w", true, 5, 3)]).ThrowIfFailed();
    }

    [Fact]
    public void AnInputMayBeAView()
    {
        Tensor x = Normal("x", true, 4, 3);
        GradientCheckResult result = GradientCheck.Run(t => Cube(t[0]), [x.SliceRows(1, 2)]);

        result.ThrowIfFailed();
        Assert.Equal(6, result.Elements);
        Assert.All(x.Grad[..3].ToArray(), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void AParameterThatIsUsedTwiceGetsBothGradients()
    {
        ParameterStore store = ParameterStore.Random(1);
        Linear linear = new(store.Root / "linear", 4, 4);
        Tensor x = Normal("x", false, 3, 4);

        GradientCheckResult result = GradientCheck.Run(linear, () => linear.Forward(Ops.Silu(linear.Forward(x))));

        result.ThrowIfFailed();
        Assert.Equal(16 + 4, result.Elements);
    }

    [Fact]
    public void ConstantsAreNotLookedAt()
    {
        Tensor[] inputs = [Normal("student", true, 3, 5), Normal("teacher", false, 3, 5)];
        GradientCheckResult result = GradientCheck.Run(t => Ops.KLDivergence(t[0], t[1]), inputs);

        result.ThrowIfFailed();
        Assert.Equal(15, result.Elements);
    }

    [Fact]
    public void AFunctionOfNothingIsRefused() =>
        Assert.Throws<ArgumentException>(() => GradientCheck.Run(t => Ops.Silu(t[0]), [Normal("x", false, 3)]));

    [Fact]
    public void OfALargeTensorSomeElementsAreLookedAt()
    {
        GradientCheckResult result = GradientCheck.Run(
            t => Ops.Silu(t[0]), [Normal("x", true, 50, 50)], new GradientCheckOptions { ElementsPerTensor = 20 });

        result.ThrowIfFailed();
        Assert.InRange(result.Elements, 15, 20);
    }

    [Fact]
    public void GradientsOfBeforeDoNotCount()
    {
        Tensor x = Normal("x", true, 5);
        x.Grad.Fill(7f);
        GradientCheck.Run(t => Ops.Silu(t[0]), [x]).ThrowIfFailed();
    }

    /// <summary>y = x³; twice the slope at one element, and an offset of all values, when a test wants them wrong.</summary>
    private static Tensor Cube(Tensor x, int wrongAt = -1, float offset = 0f)
    {
        Tensor y = Tensor.Like(x);
        for (int i = 0; i < x.Count; i++)
            y.Values[i] = x.Values[i] * x.Values[i] * x.Values[i] + offset;
        return Tape.Record(y, [x], (x, wrongAt), static (saved, y) =>
        {
            (Tensor x, int wrongAt) = saved;
            for (int i = 0; i < x.Count; i++)
                x.Grad[i] += (i == wrongAt ? 6f : 3f) * x.Values[i] * x.Values[i] * y.Grad[i];
        }, inDouble: static (_, v) => Array.ConvertAll(v[0], x => x * x * x));
    }

    private static Tensor Opaque(Tensor x)
    {
        Tensor y = Tensor.Like(x);
        x.Values.CopyTo(y);
        return Tape.Record(y, [x], x, static (x, y) => y.Grad.CopyTo(x.Grad));
    }
}
