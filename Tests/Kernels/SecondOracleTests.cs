using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The same functions as System.Numerics.Tensors has them: written by other people, with other mistakes.</summary>
[Collection(Lanes.Name)]
public class SecondOracleTests
{
    private const int Length = 1003;

    [Fact]
    public void Exp_sigmoid_and_tanh_agree() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(0, Length).Select(i => (i - 500) / 25f)], ours = new float[Length], theirs = new float[Length];

        Simd.Run(new UnaryForward<Exp> { X = x, Y = ours });
        TensorPrimitives.Exp(x, theirs);
        AssertClose(theirs, ours);

        Simd.Run(new UnaryForward<Sigmoid> { X = x, Y = ours });
        TensorPrimitives.Sigmoid(x, theirs);
        AssertClose(theirs, ours);

        Simd.Run(new UnaryForward<Tanh> { X = x, Y = ours });
        TensorPrimitives.Tanh(x, theirs);
        AssertClose(theirs, ours);
    });

    [Fact]
    public void Dot_products_agree()
    {
        float[] x = [.. Enumerable.Range(0, Length).Select(i => MathF.Sin(i))], y = [.. Enumerable.Range(0, Length).Select(i => MathF.Cos(i / 3f))];
        float expected = TensorPrimitives.Dot<float>(x, y);
        Assert.Equal(expected, Reduce.Dot<Lanes1>(x, y), 3e-4f);
        Assert.Equal(expected, Reduce.Dot<Lanes4>(x, y), 3e-4f);
        Assert.Equal(expected, Reduce.Dot<Lanes8>(x, y), 3e-4f);
        Assert.Equal(expected, Reduce.Dot<Lanes16>(x, y), 3e-4f);
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-7f + 2e-6f * MathF.Abs(expected[i]));
    }
}
