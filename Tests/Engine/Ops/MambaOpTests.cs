using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>What holds of the operations of Mamba2 beside their values and gradients.</summary>
[Collection(Lanes.Name)]
public class MambaOpTests
{
    [Fact]
    public void AConvolutionInTwoStretchesIsTheConvolution()
    {
        Tensor x = Normal("x", false, 1, 10, 5), weight = Normal("weight", false, 5, 1, 4);
        Tensor head = x.Reshape(10, 5).SliceRows(0, 3).Reshape(1, 3, 5), tail = x.Reshape(10, 5).SliceRows(3, 7).Reshape(1, 7, 5);

        Tensor whole = Ops.CausalConv1d(x, weight);
        Tensor second = Ops.CausalConv1d(tail, weight, initialState: Ops.CausalConv1dState(head, 4));

        Assert.Equal(whole.Values[(3 * 5)..].ToArray(), second.Values.ToArray());
    }

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

    /// <summary>0 ln 0 is 0: tokens that are masked out on the side of the expectation add nothing, forward and backward.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MaskedTokensAddNothingToADivergence(bool reverse) => Lanes.AtEveryWidth(() =>
    {
        const float Inf = float.PositiveInfinity;
        float[] open = [.. Enumerable.Range(0, 19).Select(i => MathF.Sin(i))], masked = [.. open.Select((v, i) => i % 3 == 1 ? -Inf : v * v)];
        Tensor student = Tensor.From(reverse ? masked : open, 1, 19), teacher = Tensor.From(reverse ? open : masked, 1, 19);
        student.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.KLDivergence(student, teacher, direction: reverse ? KLDirection.Reverse : KLDirection.Forward);
        tape.Backward(loss);

        double[] p = Softmax(masked), q = Softmax(open);
        AssertClose("loss", loss.Values, [p.Zip(q, (p, q) => p > 0 ? p * Math.Log(p / q) : 0).Sum()], 1e-6);
        Assert.All(student.Grad.ToArray(), g => Assert.True(float.IsFinite(g)));
        Assert.Equal(0, student.Grad.ToArray().Sum(g => (double)g), 1e-6);
        if (reverse)
            Assert.All(masked.Zip(student.Grad.ToArray()).Where(pair => pair.First == -Inf), pair => Assert.Equal(0f, pair.Second));

        static double[] Softmax(float[] x)
        {
            double z = x.Sum(v => Math.Exp(v));
            return [.. x.Select(v => Math.Exp(v) / z)];
        }
    });

    [Fact]
    public void EmptyShapesGiveEmptyResults()
    {
        Assert.Equal(new Shape(2, 0), Ops.GatedRmsNorm(new Tensor(2, 0), new Tensor(2, 0), new Tensor(0)).Shape);
        Assert.Equal(new Shape(0, 4, 3), Ops.CausalConv1d(new Tensor(0, 4, 3), new Tensor(3, 1, 2), initialState: new Tensor(0, 3, 2)).Shape);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AClosedGateIsZeroAndNotNotANumber(bool normBeforeGate) => Lanes.AtEveryWidth(() =>
    {
        Tensor y = Normal("y", true, 1, 19), z = Normal("z", true, 1, 19), weight = Normal("weight", true, 19);
        for (int i = 0; i < z.Count; i += 3)
            z.Values[i] = float.NegativeInfinity;
        using Tape tape = Tape.Begin();
        Tensor gated = Ops.GatedRmsNorm(y, z, weight, normBeforeGate: normBeforeGate);
        gated.Grad.Fill(1f);
        tape.Replay();

        Assert.Equal(0f, gated.Values[0]);
        Assert.All(new[] { y, z, weight }, x => Assert.True(x.Grad.ToArray().All(float.IsFinite)));
    });
}
