using System.Numerics.Tensors;

namespace SpikeEngine.Tests.Engine;

public class TensorInteropTests
{
    [Fact]
    public void A_tensor_span_has_the_same_shape_and_shares_the_values()
    {
        Tensor tensor = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], 1, 2, 3);
        TensorSpan<float> span = tensor.AsTensorSpan();

        Assert.Equal([1, 2, 3], span.Lengths.ToArray());
        Assert.Equal(6f, span[0, 1, 2]);
        span[0, 1, 0] = 40f;
        Assert.Equal(40f, tensor.Values[3]);
    }

    [Fact]
    public void A_single_number_is_a_span_of_one()
    {
        Tensor number = Tensor.From([7f]);
        number.AsTensorSpan()[0] = 8f;
        Assert.Equal([1], number.AsReadOnlyTensorSpan().Lengths.ToArray());
        Assert.Equal(8f, number.Item());
        Assert.Equal(8f, number.AsSpan2D()[0, 0]);
    }

    [Fact]
    public void A_two_dimensional_span_folds_the_leading_axes_and_shares_the_values()
    {
        Tensor tensor = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f], 2, 2, 2);
        var span = tensor.AsSpan2D();

        Assert.Equal((4, 2), (span.Height, span.Width));
        Assert.Equal(6f, span[2, 1]);
        span[3, 0] = 70f;
        Assert.Equal(70f, tensor.Values[6]);
    }

    [Fact]
    public void A_view_shows_its_own_rows()
    {
        Tensor tensor = Tensor.From([1f, 2f, 3f, 4f], 2, 2);
        Assert.Equal(3f, tensor.SliceRows(1, 1).AsSpan2D()[0, 0]);
    }
}
