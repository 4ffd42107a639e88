namespace SpikeEngine.Tests.Engine;

/// <summary>Products with weights packed ahead: the same as with the weights themselves.</summary>
[Collection(Lanes.Name)]
public class PackedLinearTests
{
    [Theory]
    [InlineData(1, 19, 7)]
    [InlineData(1, 500, 300)]
    [InlineData(3, 500, 70)]
    [InlineData(70, 400, 260)]
    [InlineData(130, 64, 33)]
    public void ItIsTheProductWithTheWeight(int rows, int inputs, int outputs) => Lanes.AtEveryWidth(() =>
    {
        Tensor x = Whole("x", rows, inputs), weight = Whole("w", outputs, inputs), bias = Whole("b", outputs), residual = Whole("r", rows, outputs);
        var packed = PackedWeight.From(weight);
        foreach (Tensor? b in new[] { null, bias })
        {
            foreach (Tensor? r in new[] { null, residual })
                Assert.Equal(Ops.Linear(x, weight, b, r).ToArray(), Ops.Linear(x, packed, b, r).ToArray());
        }
    });

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        Tensor x = Tensor.RandomNormal(new SeededRandom(1, "x"), 70, 600), weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 700, 600);
        var packed = PackedWeight.From(weight);
        int before = RowParallel.Threads;
        try
        {
            RowParallel.Threads = 1;
            float[] one = Ops.Linear(x, packed).ToArray(), oneRow = Ops.Linear(x.SliceRows(0, 1), packed).ToArray();
            RowParallel.Threads = 2;
            Assert.Equal(one, Ops.Linear(x, packed).ToArray());
            Assert.Equal(oneRow, Ops.Linear(x.SliceRows(0, 1), packed).ToArray());
        }
        finally
        {
            RowParallel.Threads = before;
        }
    }

    [Fact]
    public void EmptySizesGiveTheStart()
    {
        Assert.Equal(new Shape(0, 2), Ops.Linear(new Tensor(0, 3), PackedWeight.From(new Tensor(2, 3))).Shape);
        Assert.Equal([3f, 4f], Ops.Linear(new Tensor(1, 0), PackedWeight.From(new Tensor(2, 0)), Tensor.From([3f, 4f], 2)).ToArray());
        Assert.Equal([0f, 0f], Ops.Linear(new Tensor(1, 0), PackedWeight.From(new Tensor(2, 0))).ToArray());
    }

    [Fact]
    public void WhatDoesNotFitIsNamed()
    {
        Assert.Contains("weight is [5]", Assert.Throws<ArgumentException>(() => PackedWeight.From(new Tensor(5))).Message, StringComparison.Ordinal);
        var packed = PackedWeight.From(new Tensor(2, 3));
        string message = Assert.Throws<ArgumentException>(() => Ops.Linear(new Tensor(4, 3), packed, residual: new Tensor(4, 3))).Message;
        Assert.Contains("residual is [4, 3], the product is [4, 2]", message, StringComparison.Ordinal);
        Assert.Contains("weight is [2, 3], x is [4, 2]", Assert.Throws<ArgumentException>(() => Ops.Linear(new Tensor(4, 2), packed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGradientThroughItIsRefused()
    {
        var packed = PackedWeight.From(new Tensor(2, 3));
        Tensor x = new(4, 3) { NeedsGrad = true };
        _ = Ops.Linear(x, packed);   // without a tape there is nothing to lose
        using var tape = Tape.Begin();
        Assert.Throws<InvalidOperationException>(() => Ops.Linear(x, packed));
    }

    private static Tensor Whole(string name, params int[] shape) => Tensor.From(WholeNumbers.Array(name, shape), shape);
}
