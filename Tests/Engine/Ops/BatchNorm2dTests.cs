namespace SpikeEngine.Tests.Engine;

/// <summary>Known answers, worked by hand, and what the running statistics do.</summary>
[Collection(Lanes.Name)]
public class BatchNorm2dTests
{
    // Two images, two channels, planes of 1 x 2. Channel 0 has 1, 3, 5, 7: mean 4, squares 9 + 1 + 1 + 9 = 20, so the biased
    // variance is 5 and the unbiased 20 / 3. Channel 1 has 2, 2, 2, 6: mean 3, squares 1 + 1 + 1 + 9 = 12, so 3 and 4.
    private static Tensor X => Tensor.From([1, 3, 2, 2, 5, 7, 2, 6], 2, 2, 1, 2);

    [Fact]
    public void TrainingNormalisesByTheBatchAndMovesTheRunningStatistics() => Lanes.AtEveryWidth(() =>
    {
        Tensor mean = Tensor.From([10, 20], 2), variance = Tensor.From([1, 2], 2);
        Tensor y = Ops.BatchNorm2d(X, Tensor.From([2, 1], 2), Tensor.From([0, 100], 2), mean, variance, training: true, momentum: 0.25f, eps: 1f);

        // 1 / sqrt(5 + 1) and 1 / sqrt(3 + 1) = 1/2.
        float r = 2f / MathF.Sqrt(6f);
        FiniteDifferences.AssertClose("y", y.Values, [-3 * r, -r, 99.5, 99.5, r, 3 * r, 99.5, 101.5], 1e-6);

        // 0.75 * 10 + 0.25 * 4 = 8.5;  0.75 * 20 + 0.25 * 3 = 15.75;  0.75 * 1 + 0.25 * 20/3 = 29/12;  0.75 * 2 + 0.25 * 4 = 2.5.
        FiniteDifferences.AssertClose("running mean", mean.Values, [8.5, 15.75], 1e-6);
        FiniteDifferences.AssertClose("running variance", variance.Values, [29.0 / 12, 2.5], 1e-6);
    });

    [Fact]
    public void InferenceUsesTheRunningStatisticsAndLeavesThemAlone()
    {
        BatchNorm2d norm = new(ParameterStore.Random(1).Root, 2, eps: 0f);
        norm.RunningMean.Values[0] = 3f;
        norm.RunningVar.Values[0] = 4f;
        Tensor y = norm.Forward(X);

        Assert.Equal([-1, 0, 2, 2, 1, 2, 2, 6], y.Values.ToArray());
        Assert.Equal([3, 0], norm.RunningMean.Values.ToArray());
        Assert.Equal([4, 1], norm.RunningVar.Values.ToArray());
    }

    [Fact]
    public void AFrozenModuleDoesThatUnderATapeToo()
    {
        BatchNorm2d norm = new(ParameterStore.Random(1).Root, 2, eps: 0f) { Frozen = true };
        using Tape tape = Tape.Begin();
        Assert.Equal(X.ToArray(), norm.Forward(X).ToArray());
        Assert.Equal([0, 0], norm.RunningMean.ToArray());
    }

    [Fact]
    public void TheModuleTrainsUnderATapeAndSavesItsStatistics()
    {
        BatchNorm2d norm = new(ParameterStore.Random(1).Root / "bn", 2);
        using (Tape.Begin())
            norm.Forward(X);

        Assert.Equal(["weight", "bias", "running_mean", "running_var"], norm.StateDict().Keys);
        FiniteDifferences.AssertClose("running mean", norm.StateDict()["running_mean"].Values, [0.4, 0.3], 1e-6);
        Assert.False(norm.RunningMean.Trainable);
    }

    [Fact]
    public void AConstantChannelOfLargeNumbersKeepsItsDigits() => Lanes.AtEveryWidth(() =>
    {
        // Mean 10,000 and deviation 1: a one-pass variance in single precision would have no digit left.
        float[] values = [.. Enumerable.Range(0, 400).Select(i => 10_000f + (i % 2 == 0 ? 1 : -1))];
        Tensor mean = Tensor.From([0], 1), variance = Tensor.From([0], 1);
        Tensor y = Ops.BatchNorm2d(Tensor.From(values, 4, 1, 10, 10), null, null, mean, variance, training: true, eps: 0f);
        FiniteDifferences.AssertClose("y", y.Values, [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1.0 : -1.0)], 1e-6);
        y = Ops.LayerNorm(Tensor.From(values, 1, 400), eps: 0f);
        FiniteDifferences.AssertClose("layer norm", y.Values, [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1.0 : -1.0)], 1e-6);
    });

    [Fact]
    public void OneElementHasNoVariance()
    {
        Tensor one = Tensor.From([1, 2], 1, 2, 1, 1), statistics = Tensor.From([1, 1], 2);
        string message = Assert.Throws<ArgumentException>(() => Ops.BatchNorm2d(one, null, null, statistics, statistics, training: true)).Message;
        Assert.Contains("[1, 2, 1, 1]", message, StringComparison.Ordinal);
        Ops.BatchNorm2d(one, null, null, statistics, statistics, training: false);
    }
}
