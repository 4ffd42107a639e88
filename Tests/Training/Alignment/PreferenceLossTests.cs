using SpikeEngine.Training.Alignment;

namespace SpikeEngine.Tests.Training.Alignment;

public class PreferenceLossTests
{
    [Theory]
    [InlineData(0.1f, 1.5f, 0.6209570, -0.0462570)]
    [InlineData(0.01f, -5f, 0.7184596, -0.00512497)]
    public void DpoIsTheFormula(float beta, float delta, double loss, double gradient)
    {
        Tensor chosen = Tensor.From([delta - 20f], 1), rejected = Tensor.From([-30f], 1);
        chosen.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = DpoLoss.PerPair(chosen, rejected, Tensor.From([-20f], 1), Tensor.From([-30f], 1), new DpoOptions { Beta = beta });
        tape.Backward(y);
        Assert.Equal(loss, y.Item(), 1e-6);
        Assert.Equal(gradient, chosen.Grad[0], 1e-6);
    }

    [Theory]
    [InlineData(1f, 0.3f, true, 0.4825071)]
    [InlineData(-0.5f, 0.3f, false, 0.4800107)]
    [InlineData(0.2f, 0f, false, 0.5049998)]
    public void KtoIsTheFormula(float ratio, float divergence, bool desirable, double loss) => Assert.Equal(
        loss, KtoLoss.PerExample(Tensor.From([ratio], 1), Tensor.Zeros(1), divergence, [desirable], new KtoOptions()).Item(), 1e-6);

    [Theory]
    [InlineData(0f)]
    [InlineData(0.2f)]
    public void GradientsOfDpoAreThoseOfDifferences(float smoothing)
    {
        Tensor[] x = [.. Enumerable.Range(0, 4).Select(i => FiniteDifferences.Normal($"dpo {i}", needsGrad: true, 7))];
        DpoOptions options = new() { Beta = 0.7f, LabelSmoothing = smoothing };
        GradientCheckResult result = GradientCheck.Run(t => DpoLoss.PerPair(t[0], t[1], t[2], t[3], options), x);
        Assert.True(result.Passed, result.ToString());
    }

    [Fact]
    public void GradientsOfKtoAreThoseOfDifferences()
    {
        Tensor[] x = [FiniteDifferences.Normal("policy", needsGrad: true, 6), FiniteDifferences.Normal("reference", needsGrad: true, 6)];
        KtoOptions options = new() { Beta = 0.7f, DesirableWeight = 1.5f, UndesirableWeight = 0.8f };
        GradientCheckResult result = GradientCheck.Run(
            t => KtoLoss.PerExample(t[0], t[1], 0.4f, [true, false, true, true, false, false], options), x);
        Assert.True(result.Passed, result.ToString());
    }

    [Fact]
    public void AtTheReferenceTheLossIsLn2WhateverTheOptions()
    {
        Tensor x = FiniteDifferences.Normal("same", needsGrad: false, 5), y = FiniteDifferences.Normal("other", needsGrad: false, 5);
        foreach (DpoOptions options in new DpoOptions[] { new(), new() { Beta = 3f, LabelSmoothing = 0.2f } })
            Assert.All(DpoLoss.PerPair(x, y, x, y, options).ToArray(), loss => Assert.Equal(DpoLoss.AtReference, loss, 1e-6f));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ABetaThatIsNotPositiveIsRefused(float beta)
    {
        Tensor x = Tensor.Zeros(1);
        ArgumentException dpo = Assert.Throws<ArgumentException>(() => DpoLoss.PerPair(x, x, x, x, new DpoOptions { Beta = beta }));
        ArgumentException kto = Assert.Throws<ArgumentException>(() => KtoLoss.PerExample(x, x, 0f, [true], new KtoOptions { Beta = beta }));
        Assert.StartsWith("Beta is ", dpo.Message, StringComparison.Ordinal);
        Assert.StartsWith("Beta is ", kto.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherOptionsOutOfRangeAreNamed()
    {
        Assert.Contains("LabelSmoothing", Assert.Throws<ArgumentException>(() => new DpoOptions { LabelSmoothing = 0.5f }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("DesirableWeight", Assert.Throws<ArgumentException>(() => new KtoOptions { DesirableWeight = 0f }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("UndesirableWeight", Assert.Throws<ArgumentException>(() => new KtoOptions { UndesirableWeight = -1f }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VectorsOfDifferentLengthsAreRefused()
    {
        Tensor two = Tensor.Zeros(2), one = Tensor.Zeros(1);
        Assert.Contains("referenceRejected", Assert.Throws<ArgumentException>(() => DpoLoss.PerPair(two, two, two, one, new DpoOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("reference", Assert.Throws<ArgumentException>(() => KtoLoss.PerExample(two, one, 0f, [true, true], new KtoOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("1 labels", Assert.Throws<ArgumentException>(() => KtoLoss.PerExample(two, two, 0f, [true], new KtoOptions())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => KtoLoss.Divergence([1f], []));
    }
}
