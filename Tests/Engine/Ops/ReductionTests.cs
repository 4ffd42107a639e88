using CsCheck;

namespace SpikeEngine.Tests.Engine;

/// <summary>Reductions of random axes against naive ones in double, and what they promise of their edges.</summary>
[Collection(Lanes.Name)]
public class ReductionTests
{
    private delegate Tensor Reducer(Tensor x, ReadOnlySpan<int> axes, bool keepDims);

    private static readonly (string Name, Reducer Engine, Func<double[], double> Naive)[] s_reductions =
    [
        ("Sum", (x, axes, keep) => Ops.Sum(x, axes, keep), x => x.Sum()),
        ("Mean", (x, axes, keep) => Ops.Mean(x, axes, keep), x => x.Average()),
        ("Max", (x, axes, keep) => Ops.Max(x, axes, keep), x => x.Max()),
        ("Min", (x, axes, keep) => Ops.Min(x, axes, keep), x => x.Min()),
        ("LogSumExp", (x, axes, keep) => Ops.LogSumExp(x, axes, keep), x => Math.Log(x.Sum(Math.Exp))),
        ("Variance", (x, axes, keep) => Ops.Variance(x, axes, keep, correction: 0), x => SquaredDeviations(x) / x.Length),
        ("Std", (x, axes, keep) => Ops.Std(x, axes, keep, correction: -1), x => Math.Sqrt(SquaredDeviations(x) / (x.Length + 1))),
        ("Norm", (x, axes, keep) => Ops.Norm(x, axes, keep), x => Math.Sqrt(x.Sum(v => v * v))),
        ("Prod", (x, axes, keep) => Ops.Prod(x, axes, keep), x => x.Aggregate(1.0, (a, b) => a * b)),
    ];

    private static readonly Gen<(int[] Shape, int[] Axes, bool KeepDims)> s_cases =
        from shape in Gen.Int[1, 5].Array[1, 4]
        from chosen in Gen.Bool.Array[shape.Length]
        from fromTheEnd in Gen.Bool
        from keepDims in Gen.Bool
        select (shape, Axes(chosen, fromTheEnd), keepDims);

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void LabelSmoothingIsAShare(float smoothing) => Assert.Throws<ArgumentOutOfRangeException>(
        () => Ops.CrossEntropy(new Tensor(1, 2), new[] { 0 }, labelSmoothing: smoothing));

    [Fact]
    public void AnyAxesGiveTheNaiveResult() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c =>
        {
            Tensor x = FiniteDifferences.Normal("x", false, c.Shape);
            foreach ((string name, Reducer engine, Func<double[], double> naive) in s_reductions)
            {
                Tensor y = engine(x, c.Axes, c.KeepDims);
                (int[] shape, double[][] groups) = Groups(x, c.Axes, c.KeepDims);
                Assert.Equal(shape, y.Shape.Dims.ToArray());
                string what = $"{name} of {x.Shape} over [{string.Join(", ", c.Axes)}]";
                FiniteDifferences.AssertClose(what, y.Values, Array.ConvertAll(groups, g => naive(g)), 1e-5);
            }
        },
        iter: 60,
        threads: 1));

    [Fact]
    public void AnyAxesHaveTheirGradients() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c =>
        {
            foreach ((string _, Reducer engine, Func<double[], double> _) in s_reductions)
            {
                // A deviation of one number from itself is 0, where its root has no slope.
                Tensor x = FiniteDifferences.Normal("x", true, c.Shape);
                (_, double[][] groups) = Groups(x, c.Axes, c.KeepDims);
                if (groups[0].Length > 1)
                    GradientCheck.Run(t => engine(t[0], c.Axes, c.KeepDims), [x], new() { ElementsPerTensor = 8 }).ThrowIfFailed();
            }
        },
        iter: 8,
        threads: 1));

    [Fact]
    public void SoftmaxOfAnyAxisIsTheNaiveOne() => Lanes.AtEveryWidth(() => Gen.Select(Gen.Int[1, 40].Array[1, 3], Gen.Int[0, 2]).Sample(
        c =>
        {
            int axis = Math.Min(c.Item2, c.Item1.Length - 1);
            Tensor x = FiniteDifferences.Normal("x", false, c.Item1), p = Ops.Softmax(x, axis), lnP = Ops.LogSoftmax(x, axis);
            (_, double[][] groups) = Groups(x, [axis], false);
            (_, double[][] ps) = Groups(p, [axis], false);
            (_, double[][] lnPs) = Groups(lnP, [axis], false);
            for (int i = 0; i < groups.Length; i++)
            {
                double largest = groups[i].Max(), logZ = largest + Math.Log(groups[i].Sum(v => Math.Exp(v - largest)));
                double[] expected = Array.ConvertAll(groups[i], v => v - logZ);
                double[] expectedP = Array.ConvertAll(expected, Math.Exp);
                FiniteDifferences.AssertClose("log-softmax", Array.ConvertAll(lnPs[i], v => (float)v), expected, 1e-5);
                FiniteDifferences.AssertClose("softmax", Array.ConvertAll(ps[i], v => (float)v), expectedP, 1e-6);
            }
        },
        iter: 30,
        threads: 1));

    [Fact]
    public void ManyEqualNumbersSumToTheirMultiple() => Lanes.AtEveryWidth(() =>
    {
        const int Count = 1 << 24;
        Tensor x = new(Count);
        x.Values.Fill(0.1f);
        AssertNear((double)0.1f * Count, Ops.Sum(x).Item());
        AssertNear(0.1f, Ops.Mean(x).Item());
        AssertNear(0.1f * Math.Sqrt(Count), Ops.Norm(x).Item());
        AssertNear((double)0.1f * Count / 16, Ops.Sum(x.Reshape(Count / 16, 16), 0).Values[3]);
        AssertNear((double)0.1f * Count / 2, Ops.CumSum(x.Reshape(2, Count / 2)).Values[^1]);
        AssertNear((double)0.1f * Count / 16, Ops.CumSum(x.Reshape(Count / 16, 16), 0, reverse: true).Values[3]);
    });

    [Fact]
    public void AVarianceSurvivesALargeMean() => Lanes.AtEveryWidth(() =>
    {
        Tensor x = FiniteDifferences.Normal("x", false, 3, 501);
        foreach (ref float value in x.Values)
            value = 3e4f + MathF.Round(8f * value) / 8f;
        (_, double[][] groups) = Groups(x, [1], false);
        double[] expected = Array.ConvertAll(groups, g => SquaredDeviations(g) / (g.Length - 1));
        FiniteDifferences.AssertClose("variance", Ops.Variance(x, 1).Values, expected, 2e-5);
    });

    [Fact]
    public void NotANumberIsTheExtremeAndTheFirstOfEqualOnesIsTheIndex() => Lanes.AtEveryWidth(() =>
    {
        for (int place = 0; place < 41; place++)
        {
            Tensor x = FiniteDifferences.Normal("x", false, 41, 35);
            for (int j = 0; j < 35; j++)
                x.Values[place * 35 + j] = j == 3 ? float.PositiveInfinity : j == 5 ? float.NegativeInfinity : float.NaN;
            x.Values[40 * 35 + 7] = float.NaN;
            float[] max = Ops.Max(x, 0).Values.ToArray(), rows = Ops.Max(x, 1).Values.ToArray();

            Assert.All(Enumerable.Range(0, 35), j => Assert.Equal(j is not 3 and not 5, float.IsNaN(max[j])));
            Assert.Equal(float.PositiveInfinity, max[3]);
            Assert.Equal(place, Ops.ArgMax(x, 0)[7]);
            Assert.Equal(place, Ops.ArgMin(x, 0)[34]);
            Assert.Equal(place, Ops.ArgMin(x, 0)[5]);
            Assert.True(float.IsNaN(rows[place]));
            Assert.Equal(0, Ops.ArgMax(x)[place]);
            Assert.Equal(7, Ops.ArgMax(x)[40] + (place == 40 ? 7 : 0));
        }

        Tensor equal = new(20, 50) { NeedsGrad = true };
        equal.Values.Fill(2f);
        equal.Values[0] = 1f;
        Assert.Equal([1, .. Enumerable.Repeat(0, 19)], Ops.ArgMax(equal));
        Assert.Equal([1, .. Enumerable.Repeat(0, 49)], Ops.ArgMax(equal, 0));
        using Tape tape = Tape.Begin();
        tape.Backward(Ops.Max(equal));
        Assert.Equal(1f, equal.Grad[1]);
        Assert.Equal(1f, equal.Grad.ToArray().Sum());
    });

    [Fact]
    public void AProductKnowsItsGradientAtZeros() => Lanes.AtEveryWidth(() =>
    {
        Tensor x = Tensor.From([2f, 0f, 3f, 5f, 0f, 0f, 2f, 7f, 1f, 2f, 3f, 4f], 3, 4);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Ops.Prod(x, 1).Grad.Fill(1f);
        tape.Replay();
        Assert.Equal([0f, 30f, 0f, 0f, 0f, 0f, 0f, 0f, 24f, 12f, 8f, 6f], x.Grad.ToArray());
    });

    [Fact]
    public void InfinitiesStayInfinities() => Lanes.AtEveryWidth(() =>
    {
        Tensor x = FiniteDifferences.Normal("x", false, 40, 60);
        for (int i = 0; i < 40; i++)
            x.Values[i * 60 + i] = float.PositiveInfinity;
        Assert.All(Ops.Sum(x, 1).Values.ToArray(), v => Assert.Equal(float.PositiveInfinity, v));
        Assert.All(Ops.Sum(x, 0).Values.ToArray()[..40], v => Assert.Equal(float.PositiveInfinity, v));
        Assert.All(Ops.LogSumExp(x, 0).Values.ToArray()[..40], v => Assert.Equal(float.PositiveInfinity, v));
        Assert.Equal(float.PositiveInfinity, Ops.CumSum(x).Values[59]);

        x.Values.Fill(float.NegativeInfinity);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.LogSumExp(x, 1);
        y.Grad.Fill(1f);
        tape.Replay();
        Assert.All(y.Values.ToArray(), v => Assert.Equal(float.NegativeInfinity, v));
        Assert.All(x.Grad.ToArray(), v => Assert.Equal(0f, v));
    });

    [Fact]
    public void AxesWithoutElementsGiveWhatNothingGives()
    {
        Tensor x = new(3, 0, 2);
        Assert.Equal([3, 2], Ops.Sum(x, 1).Shape.Dims.ToArray());
        Assert.All(Ops.Sum(x, 1).Values.ToArray(), v => Assert.Equal(0f, v));
        Assert.True(float.IsNaN(Ops.Mean(x).Item()));
        Assert.Equal(1f, Ops.Prod(x).Item());
        Assert.Equal(float.NegativeInfinity, Ops.LogSumExp(x).Item());
        Assert.Equal(0, Ops.Sum(x, 0).Count);
        Assert.Equal(0, Ops.Softmax(x, 1).Count);
        Assert.Equal([3, 0, 2, 2], Ops.SegSum(x).Shape.Dims.ToArray());
        Assert.Contains("[3, 0, 2]", Assert.Throws<ArgumentException>(() => Ops.Max(x, 1)).Message);
        Assert.Contains("[3, 0, 2]", Assert.Throws<ArgumentException>(() => Ops.ArgMax(x, 1)).Message);
    }

    [Fact]
    public void AxesThatDoNotExistAreNamed()
    {
        Tensor x = new(3, 4);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Sum(x, [0, 2])).Message;
        Assert.Contains("Axis 2 of [3, 4]", message);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => Ops.Sum(x, [1, -1])).Message);
        Assert.Contains("[3, 4]", Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Softmax(x, -3)).Message);
    }

    private static int[] Axes(bool[] chosen, bool fromTheEnd) =>
        [.. Enumerable.Range(0, chosen.Length).Where(i => chosen[i]).Select(i => fromTheEnd ? i - chosen.Length : i)];

    /// <summary>The shape of a reduction's result, and the elements that each of its numbers is made of.</summary>
    private static (int[] Shape, double[][] Groups) Groups(Tensor x, int[] axes, bool keepDims)
    {
        int[] dims = x.Shape.Dims.ToArray();
        bool[] gone = [.. dims.Select((_, i) => axes.Length == 0 || axes.Contains(i) || axes.Contains(i - dims.Length))];
        int[] kept = [.. dims.Select((size, i) => gone[i] ? 1 : size)];
        List<double>[] groups = [.. Enumerable.Range(0, kept.Aggregate(1, (a, b) => a * b)).Select(_ => new List<double>())];
        for (int i = 0; i < x.Count; i++)
        {
            int rest = i, group = 0, stride = 1;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                (rest, int position) = Math.DivRem(rest, dims[axis]);
                group += gone[axis] ? 0 : position * stride;
                stride *= kept[axis];
            }

            groups[group].Add(x.Values[i]);
        }

        int[] shape = keepDims ? kept : [.. dims.Where((_, i) => !gone[i])];
        return (shape.Length == 0 ? [1] : shape, [.. groups.Select(g => g.ToArray())]);
    }

    private static double SquaredDeviations(double[] x)
    {
        double mean = x.Average();
        return x.Sum(v => (v - mean) * (v - mean));
    }

    private static void AssertNear(double expected, float actual) =>
        Assert.True(Math.Abs(actual - expected) <= 1e-6 * expected, $"got {actual:R}, expected {expected:R}");
}
