namespace SpikeEngine.Tests.Engine;

public class ShapeTests
{
    [Fact]
    public void AShapeWithoutAxesHasOneElement()
    {
        foreach (Shape shape in new[] { default, new Shape() })
        {
            Assert.Equal((1, 0, 1, 1), (shape.Count, shape.Rank, shape.Rows, shape.Columns));
            Assert.Equal("[]", shape.ToString());
            Assert.Equal(default, shape);
            Assert.Equal(default(Shape).GetHashCode(), shape.GetHashCode());
        }

        Assert.Equal(5f, new Tensor(default(Shape), new[] { 5f }).Item());
    }

    [Fact]
    public void AxesCountFromEitherEnd()
    {
        Shape shape = new(2, 3, 5);
        Assert.Equal((2, 5, 5, 3), (shape[0], shape[2], shape[-1], shape[-2]));
        Assert.Equal(new Shape(2, 7, 5), shape.With(-2, 7));
        Assert.Equal(new Shape(2, 3, 7), shape.WithColumns(7));
    }

    [Fact]
    public void AnAxisThatIsNotThereIsNamedWithTheShape()
    {
        foreach (Action use in new Action[]
        {
            () => _ = new Shape(2, 3)[2], () => _ = new Shape(2, 3)[-3], () => new Shape(2, 3).With(2, 1),
            () => Tensor.From([1f]).SliceRows(0, 1), () => new Shape().WithColumns(1),
        })
            Assert.StartsWith("Axis ", Assert.Throws<ArgumentOutOfRangeException>(use).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Shape(2, 3)[2]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneSizeMayBeLeftOpen()
    {
        Tensor x = Tensor.Arange(12);
        Assert.Equal(new Shape(3, 4), x.Reshape(3, -1).Shape);
        Assert.Equal(new Shape(2, 3, 2), x.Reshape(-1, 3, 2).Shape);
        Assert.Equal(new Shape(1), Tensor.From([1f]).Reshape(-1).Shape);
        Assert.Equal(new Shape(0, 3), new Tensor(0, 2, 3).Reshape(-1, 3).Shape);
        foreach (Action use in new Action[]
        {
            () => x.Reshape(-1, -1), () => x.Reshape(5, -1), () => x.Reshape(0, -1), () => x.Reshape(-2, 6), () => x.Reshape(3, 5),
        })
            Assert.ThrowsAny<ArgumentException>(use);
        Assert.Contains("[12] has 12 elements and cannot become [5, -1]", Assert.Throws<ArgumentException>(() => x.Reshape(5, -1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinearLayerOfANumberNamesBothShapes()
    {
        Tensor number = Tensor.From([1f]), weight = new(2, 1);
        foreach (Action use in new Action[]
        {
            () => Ops.Linear(number, weight), () => Ops.Linear(new Tensor(1, 1), number),
            () => Ops.Linear(number, StoredTensor.From(weight, StorageType.Int8)),
        })
        {
            string message = Assert.Throws<ArgumentException>(use).Message;
            Assert.Contains("weight is [", message, StringComparison.Ordinal);
            Assert.Contains("x is [", message, StringComparison.Ordinal);
        }
    }
}
