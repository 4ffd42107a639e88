namespace SpikeEngine.Tests.Engine;

public class TensorCreateTests
{
    [Fact]
    public void Constants()
    {
        Assert.Equal([0f, 0f], Tensor.Zeros(1, 2).ToArray());
        Assert.Equal([1f, 1f], Tensor.Ones(2).ToArray());
        Assert.Equal([2.5f, 2.5f, 2.5f], Tensor.Full(2.5f, 3).ToArray());
        Assert.Equal([1f, 0f, 0f, 0f, 1f, 0f], Tensor.Eye(2, 3).ToArray());
        Assert.Equal(new Shape(4, 4), Tensor.Eye(4).Shape);
    }

    [Fact]
    public void Ranges()
    {
        Assert.Equal([0f, 1f, 2f], Tensor.Arange(3).ToArray());
        Assert.Equal([1f, 1.5f, 2f], Tensor.Arange(1f, 2.5f, 0.5f).ToArray());
        Assert.Equal([3f, 1f], Tensor.Arange(3f, 0f, -2f).ToArray());
        Assert.Empty(Tensor.Arange(3f, 0f).ToArray());
        Assert.Equal(0.1f * 700, Tensor.Arange(0f, 100f, 0.1f).Values[700], 1e-5f);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0f, 1f, 0f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0f, 1f, float.NaN));
    }

    [Fact]
    public void RandomNumbersAreThoseOfTheStream()
    {
        SeededRandom expected = new(1, "x");
        Assert.Equal([expected.NextNormal(), expected.NextNormal()], Tensor.RandomNormal(new SeededRandom(1, "x"), 2).ToArray());
        expected = new(1, "x");
        Assert.Equal([expected.NextFloat(), expected.NextFloat()], Tensor.RandomUniform(new SeededRandom(1, "x"), 2, 1).ToArray());
    }

    [Fact]
    public void WrappedMemoryIsShared()
    {
        float[] array = [1f, 2f, 3f, 4f];
        Tensor tensor = Tensor.Wrap(array, 2, 2);
        array[3] = 40f;
        tensor.Values[0] = 10f;
        Assert.Equal((40f, 10f), (tensor.Values[3], array[0]));
        Assert.Throws<ArgumentException>(() => Tensor.Wrap(array, 3));
    }

    [Fact]
    public void ACloneHasMemoryOfItsOwnAndSendsGradientsBack()
    {
        Tensor x = Tensor.From([1f, 2f], 2);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor clone = x.Clone();
        clone.Values[0] = 9f;
        Assert.Equal(1f, x.Values[0]);
        clone.Grad.Fill(3f);
        tape.Replay();
        Assert.Equal([3f, 3f], x.Grad.ToArray());
    }

    [Fact]
    public void ADetachedTensorSharesValuesAndStopsGradients()
    {
        Tensor x = Tensor.From([1f, 2f], 2);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor detached = x.Detach();
        detached.Values[0] = 9f;
        Assert.Equal(9f, x.Values[0]);
        Assert.False(Ops.Scale(detached, 2f).NeedsGrad);
        detached.NeedsGrad = true;   // a leaf of its own
        detached.Grad[0] = 1f;
        Assert.Equal(0f, x.Grad[0]);
    }

    [Fact]
    public void ADetachedTensorOfAStepEndsWithIt()
    {
        Tensor detached;
        using (new Workspace().Open())
            detached = new Tensor(2).Detach();
        Assert.Throws<InvalidOperationException>(() => detached.Values[0]);
    }
}
