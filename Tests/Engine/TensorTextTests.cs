using System.Globalization;

namespace SpikeEngine.Tests.Engine;

public class TensorTextTests
{
    [Fact]
    public void NumbersAndVectorsStandOnOneLine()
    {
        Assert.Equal("Tensor []: 3.5000", Tensor.From([3.5f]).ToString());
        Assert.Equal("Tensor [3]: [1, 2, 3]", Tensor.From([1f, 2f, 3f], 3).ToString());
        Assert.Equal("Tensor [3]: [ 0.5000, -2.0000, 10.2500]", Tensor.From([0.5f, -2f, 10.25f], 3).ToString());
        Assert.Equal("Tensor [0, 3]:\n[]", Tensor.Zeros(0, 3).ToString());
    }

    [Fact]
    public void MatricesAreAligned() => Assert.Equal(
        """
        Tensor [2, 3]:
        [[ 1.0000, -2.5000,  3.0000],
         [40.0000,  0.1250, -6.0000]]
        """, Lines(Tensor.From([1f, -2.5f, 3f, 40f, 0.125f, -6f], 2, 3)));

    [Fact]
    public void LongAxesLeaveOutTheMiddle()
    {
        Assert.Equal("Tensor [7]: [0, 1, 2, ..., 4, 5, 6]", Tensor.Arange(7).ToString());
        Assert.Equal("Tensor [6]: [0, 1, 2, 3, 4, 5]", Tensor.Arange(6).ToString());
        Assert.Equal(
            """
            Tensor [100, 8]:
            [[  0,   1,   2, ...,   5,   6,   7],
             [  8,   9,  10, ...,  13,  14,  15],
             [ 16,  17,  18, ...,  21,  22,  23],
             ...,
             [776, 777, 778, ..., 781, 782, 783],
             [784, 785, 786, ..., 789, 790, 791],
             [792, 793, 794, ..., 797, 798, 799]]
            """, Lines(Tensor.Arange(800).Reshape(100, 8)));
    }

    [Fact]
    public void MatricesOfHigherRankAreSetApart() => Assert.Equal(
        """
        Tensor [2, 2, 2]:
        [[[0, 1],
          [2, 3]],

         [[4, 5],
          [6, 7]]]
        """, Lines(Tensor.Arange(8).Reshape(2, 2, 2)));

    [Fact]
    public void OuterAxesOfHighRankShowTheirEnds() => Assert.Equal(
        """
        Tensor [3, 1, 1, 2]:
        [[[[0, 1]]],

         ...,

         [[[4, 5]]]]
        """, Lines(Tensor.Arange(6).Reshape(3, 1, 1, 2)));

    [Fact]
    public void AnExponentIsUsedOnlyWhereFourDigitsWouldNotDo()
    {
        Assert.Equal("Tensor [2]: [   0.0001, 1000.5000]", Tensor.From([1e-4f, 1000.5f], 2).ToString());
        Assert.Equal("Tensor [2]: [2.0000e-05, 1.0000e+00]", Tensor.From([2e-5f, 1f], 2).ToString());
        Assert.Equal("Tensor [2]: [ 2.5000e+06, -1.5000e+00]", Tensor.From([2.5e6f, -1.5f], 2).ToString());
        Assert.Equal("Tensor [2]: [25000000,        1]", Tensor.From([2.5e7f, 1f], 2).ToString());
        Assert.Equal("Tensor [2]: [1.0000e+09, 1.0000e+00]", Tensor.From([1e9f, 1f], 2).ToString());
    }

    [Fact]
    public void WhatIsNoNumberHasAName()
    {
        Assert.Equal(
            "Tensor [4]: [   nan,    inf,   -inf, 0.5000]",
            Tensor.From([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.5f], 4).ToString());
        Assert.Equal("Tensor [2]: [nan,   1]", Tensor.From([float.NaN, 1f], 2).ToString());
    }

    [Fact]
    public void GradientsAreNotedWithTheOperation()
    {
        Tensor x = Tensor.From([1f, 2f], 2);
        x.NeedsGrad = true;
        Assert.Equal("Tensor [2], needs grad: [1, 2]", x.ToString());
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Scale(x, 2f);
        Assert.Equal("Tensor [2], needs grad (Scale): [2, 4]", y.ToString());
        Assert.Equal("Tensor [1, 2], needs grad (Scale):\n[[2, 4]]", y.Reshape(1, 2).ToString());
        Assert.Equal("Tensor [2], needs grad (Scale) { 2, 4 }", y.DebuggerText);
    }

    [Fact]
    public void TheDebuggerShowsOneLine() =>
        Assert.Equal("Tensor [2, 4] { 0, 1, 2, 3, 4, 5, ... }", Tensor.Arange(8).Reshape(2, 4).DebuggerText);

    [Fact]
    public void ValuesOfAStepThatIsOverAreNotReadAgain()
    {
        Tensor tensor;
        using (new Workspace().Open())
            tensor = new Tensor(2);
        Assert.Equal("Tensor [2]: its step is over, the values have been taken back", tensor.ToString());
        Assert.Equal("Tensor [2] { taken back }", tensor.DebuggerText);
    }

    [Fact]
    public void CommasArePointsEverywhere()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal("Tensor [1]: [-0.5000]", Tensor.From([-0.5f], 1).ToString());
            Assert.Equal("Tensor [1] { -0.5 }", Tensor.From([-0.5f], 1).DebuggerText);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string Lines(Tensor tensor) => tensor.ToString().Replace("\n", Environment.NewLine, StringComparison.Ordinal);
}
