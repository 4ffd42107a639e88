using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>What holds of the operations of Mamba2 beside their values and gradients.</summary>
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
}
