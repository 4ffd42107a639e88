using SpikeEngine.Tests.Reference;
using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>Values against naive versions in double and gradients against their differences, at sizes with every kind of tail.</summary>
[Collection(Lanes.Name)]
public class NaiveOpTests
{
    private static readonly int[] s_labels = [3, Ops.IgnoredLabel, 0, 32];
    private static readonly bool[] s_mask = [true, false, true, true];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(83)]
    public void RmsNorm(int dim) => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.RmsNorm(t[0], t[1], 1e-3f),
        x => NaiveOps.RmsNorm(x[0], x[1], 1e-3),
        [Normal("x", true, 2, 2, dim), Normal("weight", true, dim)]));

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(19, false)]
    [InlineData(19, true)]
    public void GatedRmsNorm(int size, bool normBeforeGate) => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.GatedRmsNorm(t[0], t[1], t[2], size, 1e-3f, normBeforeGate),
        x => NaiveOps.GatedRmsNorm(x[0], x[1], x[2], size == 0 ? 38 : size, 1e-3, normBeforeGate),
        [Normal("y", true, 3, 38), Normal("z", true, 3, 38), Normal("weight", true, 38)]));

    [Theory]
    [InlineData(5, 3, 4, true)]
    [InlineData(1, 19, 4, true)]
    [InlineData(6, 18, 4, true)]    // full and single lanes with four taps
    [InlineData(68, 1, 4, false)]
    [InlineData(9, 17, 1, false)]
    [InlineData(4, 2, 6, true)]
    [InlineData(67, 2, 3, true)]    // two pieces: the second looks back into the first
    [InlineData(130, 1, 70, false)] // a kernel longer than a piece
    public void CausalConv1d(int time, int channels, int kernel, bool silu) => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.CausalConv1d(t[0], t[1], t[2], silu, t[3]),
        x => NaiveOps.CausalConv1d(x[0], x[1], x[2], x[3], silu, 2, time, channels, kernel),
        [
            Normal("x", true, 2, time, channels), Normal("weight", true, channels, 1, kernel), Normal("bias", true, channels),
            Normal("state", true, 2, channels, kernel),
        ]));

    [Theory]
    [InlineData(300)]
    [InlineData(513)]
    public void CausalConv1dOfManyChannels(int channels) => AgainstNaive(
        t => Ops.CausalConv1d(t[0], t[1]),
        x => NaiveOps.CausalConv1d(x[0], x[1], null, null, true, 1, 3, channels, 2),
        [Normal("x", true, 1, 3, channels), Normal("weight", true, channels, 1, 2)]);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void CausalConv1dState(int time) => AgainstNaive(
        t => Ops.CausalConv1dState(t[0], 4, t[1]),
        x => NaiveOps.CausalConv1dState(x[0], x[1], 2, time, 3, 4),
        [Normal("x", true, 2, time, 3), Normal("state", true, 2, 3, 4)]);

    [Fact]
    public void AConvolutionInTwoStretchesIsTheConvolution()
    {
        Tensor x = Normal("x", false, 1, 10, 5), weight = Normal("weight", false, 5, 1, 4);
        Tensor head = x.Reshape(10, 5).SliceRows(0, 3).Reshape(1, 3, 5), tail = x.Reshape(10, 5).SliceRows(3, 7).Reshape(1, 7, 5);

        Tensor whole = Ops.CausalConv1d(x, weight);
        Tensor second = Ops.CausalConv1d(tail, weight, initialState: Ops.CausalConv1dState(head, 4));

        Assert.Equal(whole.Values[(3 * 5)..].ToArray(), second.Values.ToArray());
    }

    [Theory]
    [InlineData(3, 0.3f, 1.2f)]
    [InlineData(24, 0f, float.PositiveInfinity)]
    public void TimeStep(int heads, float low, float high) => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.TimeStep(t[0], t[1], low, high),
        x => NaiveOps.TimeStep(x[0], x[1], low, high),
        [Normal("raw", true, 2, 21, heads), Normal("bias", true, heads)]));

    [Theory]
    [InlineData(0f)]
    [InlineData(0.2f)]
    public void CrossEntropy(float smoothing) => Lanes.AtEveryWidth(() =>
    {
        AgainstNaive(
            t => Ops.CrossEntropy(t[0], s_labels, Reduction.None, smoothing),
            x => NaiveOps.CrossEntropy(x[0], s_labels, smoothing),
            [Normal("logits", true, 4, 33)]);
        AgainstNaive(
            t => Ops.CrossEntropy(t[0], s_labels, Reduction.Mean, smoothing),
            x => [NaiveOps.CrossEntropy(x[0], s_labels, smoothing).Sum() / 3],
            [Normal("logits", true, 4, 33)]);
    });

    [Theory]
    [InlineData(KLDirection.Forward, 1f)]
    [InlineData(KLDirection.Forward, 3f)]
    [InlineData(KLDirection.Reverse, 1f)]
    [InlineData(KLDirection.Reverse, 3f)]
    public void KLDivergence(KLDirection direction, float temperature) => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.KLDivergence(t[0], t[1], temperature, s_mask, direction),
        x => [NaiveOps.KLDivergence(x[0], x[1], 37, temperature, direction == KLDirection.Reverse).Where((_, i) => s_mask[i]).Average()],
        [Normal("student", true, 4, 37), Normal("teacher", false, 4, 37)]));

    [Fact]
    public void HiddenLoss() => Lanes.AtEveryWidth(() => AgainstNaive(
        t => Ops.HiddenLoss(t[0], t[1], s_mask),
        x => [NaiveOps.HiddenLoss(x[0], x[1], 21).Where((_, i) => s_mask[i]).Average()],
        [Normal("student", true, 4, 21), Normal("teacher", false, 4, 21)]));

    [Fact]
    public void NothingKeptIsNoLoss()
    {
        using Tape tape = Tape.Begin();
        Tensor x = Normal("x", true, 2, 5), teacher = Normal("teacher", false, 2, 5);
        Tensor loss = Ops.Add(
            Ops.CrossEntropy(x, new[] { Ops.IgnoredLabel, Ops.IgnoredLabel }),
            Ops.Add(Ops.KLDivergence(x, teacher, mask: new bool[2]), Ops.HiddenLoss(x, teacher, new bool[2])));
        tape.Backward(loss);

        Assert.Equal(0f, loss.Item());
        Assert.All(x.Grad.ToArray(), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void HugeLogitsStayFinite()
    {
        using Tape tape = Tape.Begin();
        Tensor x = Tensor.From([1e4f, -1e4f, 9_999f], 1, 3), teacher = Tensor.From([9_999f, -1e4f, 1e4f], 1, 3);
        x.NeedsGrad = true;
        Tensor loss = Ops.Add(Ops.CrossEntropy(x, new[] { 2 }), Ops.KLDivergence(x, teacher));
        tape.Backward(loss);

        Assert.Equal(1.3132617 + 0.46211716, loss.Item(), 1e-5);
        Assert.All(x.Grad.ToArray(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void ElementWiseOperations() => Lanes.AtEveryWidth(() =>
    {
        AgainstNaive(t => Ops.Silu(t[0]), x => Array.ConvertAll(x[0], NaiveOps.Silu), [Normal("x", true, 3, 29)]);
        AgainstNaive(t => Ops.Tanh(t[0]), x => Array.ConvertAll(x[0], Math.Tanh), [Normal("x", true, 3, 29)]);
        AgainstNaive(t => Ops.NegExp(t[0]), x => Array.ConvertAll(x[0], v => -Math.Exp(v)), [Normal("x", true, 24)]);
        AgainstNaive(t => Ops.Scale(t[0], -3f), x => Array.ConvertAll(x[0], v => -3 * v), [Normal("x", true, 3, 29)]);
        AgainstNaive(
            t => Ops.Add(t[0], t[1]), x => [.. x[0].Zip(x[1], (a, b) => a + b)], [Normal("a", true, 3, 29), Normal("b", true, 3, 29)]);
        AgainstNaive(t => Ops.Add(t[0], t[0]), x => Array.ConvertAll(x[0], v => v + v), [Normal("a", true, 5)]);
    });

    [Fact]
    public void ChainsDifferentiate() => AgainstItself(
        t => Ops.GatedRmsNorm(Ops.CausalConv1d(t[0], t[1], t[2]), t[3], t[4], 3),
        [
            Normal("x", true, 1, 5, 6), Normal("w", true, 6, 1, 4), Normal("b", true, 6), Normal("z", true, 1, 5, 6),
            Normal("weight", true, 6),
        ]);

    [Fact]
    public void ErrorsNameBothShapes()
    {
        Tensor x = Normal("x", false, 2, 8), other = Normal("other", false, 6);

        string norm = Assert.Throws<ArgumentException>(() => Ops.RmsNorm(x, other)).Message;
        string sum = Assert.Throws<ArgumentException>(() => Ops.Add(x, other)).Message;

        Assert.Contains("[6]", norm, StringComparison.Ordinal);
        Assert.Contains("[2, 8]", norm, StringComparison.Ordinal);
        Assert.Contains("[6]", sum, StringComparison.Ordinal);
        Assert.Contains("[2, 8]", sum, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Embedding(x, new[] { 2 }, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CrossEntropy(x, new[] { 0, 8 }));
    }
}
