using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>
/// Convolutions and pools of any geometry against loops. Small whole numbers make every sum of a convolution exact, in its values
/// and in its gradients, so the naive ones must be met to the bit.
/// </summary>
[Collection(Lanes.Name)]
public class WindowOpTests
{
    private static readonly Gen<Size2d> s_small = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], (h, w) => new Size2d(h, w));

    private static readonly Gen<Size2d> s_padding = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], (h, w) => new Size2d(h, w));

    private static readonly Gen<Window2d> s_windows = Gen.Select(
            Gen.Int[1, 14], Gen.Int[1, 40], s_small, s_small, s_padding, s_small,
            (h, w, kernel, stride, padding, dilation) => new Window2d(h, w, kernel, stride, padding, dilation))
        .Where(w => w.OutHeight > 0 && w.OutWidth > 0);

    private static readonly Gen<Conv2dShape> s_convolutions = Gen.Select(
        Gen.Int[1, 3], Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 3], s_windows,
        (batch, channels, outputs, groups, window) => new Conv2dShape(batch, channels * groups, outputs * groups, groups, window));

    [Fact]
    public void AnyConvolutionIsTheNaiveOneToTheBit() => Lanes.AtEveryWidth(() =>
        s_convolutions.Sample(shape => CheckConvolution(shape, hasBias: shape.Batch != 2), iter: 150, threads: 1));

    [Theory]
    [InlineData(2, 70, 9, 1, 20, 33, 3)]    // several blocks of channels and of positions
    [InlineData(19, 2, 33, 1, 9, 9, 3)]     // few channels: images are shared out
    [InlineData(3, 60, 4, 2, 9, 150, 3)]
    [InlineData(40, 2, 256, 1, 12, 12, 1)]  // several chunks of images
    public void LargeConvolutionsAreTheNaiveOnes(int batch, int channels, int outputs, int groups, int height, int width, int kernel) =>
        Lanes.AtEveryWidth(() => CheckConvolution(
            new Conv2dShape(batch, channels, outputs, groups, new Window2d(height, width, kernel, 1, kernel / 2, 1)), hasBias: true));

    [Fact]
    public void GradientsOfAnyConvolutionAreThoseOfItsDoubleForm() => Lanes.AtEveryWidth(() => s_convolutions.Sample(shape =>
    {
        Window2d w = shape.Window;
        Tensor[] inputs =
        [
            FiniteDifferences.Normal("x", true, shape.Batch, shape.Channels, w.Height, w.Width),
            FiniteDifferences.Normal("weight", true, shape.Outputs, shape.GroupChannels, w.Kernel.Height, w.Kernel.Width),
            FiniteDifferences.Normal("bias", true, shape.Outputs),
        ];
        GradientCheckOptions options = new() { ElementsPerTensor = 4 };
        GradientCheck.Run(t => Ops.Conv2d(t[0], t[1], t[2], w.Stride, w.Padding, w.Dilation, shape.Groups), inputs, options).ThrowIfFailed();
    }, iter: 25, threads: 1));

    [Fact]
    public void AnyPoolIsTheNaiveOne() => Lanes.AtEveryWidth(() =>
        Gen.Select(Gen.Int[1, 5], s_windows).Sample((planes, w) =>
        {
            w = w with { Dilation = 1, Padding = (Math.Min(w.Padding.Height, w.Kernel.Height / 2), Math.Min(w.Padding.Width, w.Kernel.Width / 2)) };
            if (w.OutHeight > 0 && w.OutWidth > 0)
                CheckPools(planes, w);
        }, iter: 150, threads: 1));

    /// <summary>Windows of 2 x 2 over rows of even length have code of their own; over odd ones they do not.</summary>
    [Fact]
    public void PoolsByTwoAgreeWithTheNaiveOnes() => Lanes.AtEveryWidth(() =>
    {
        foreach (int height in (int[])[2, 3, 4, 7])
        {
            foreach (int width in (int[])[2, 3, 4, 6, 8, 14, 16, 30, 32, 34, 48, 66])
                CheckPools(planes: 3, new Window2d(height, width, 2, 2, 0, 1));
        }
    });

    [Fact]
    public void NotANumberWinsAPoolByTwoAndInfinityIsANumber() => Lanes.AtEveryWidth(() =>
    {
        float[] values = new float[2 * 40];
        (values[40 + 17], values[6], values[47], values[20], values[21]) = (float.NaN, float.NaN, 9f, float.PositiveInfinity, float.NegativeInfinity);
        (values[30], values[71]) = (float.PositiveInfinity, float.NaN);
        Tensor x = Tensor.From(values, 1, 1, 2, 40);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.MaxPool2d(x, 2);
        y.Grad.Fill(1f);
        tape.Replay();
        for (int i = 0; i < y.Count; i++)
            Assert.Equal(i is 3 or 8 or 15 ? float.NaN : i == 10 ? float.PositiveInfinity : 0f, y.Values[i]);
        Assert.Equal(20f, x.Grad.ToArray().Sum());
        Assert.Equal(1f, x.Grad[20]);
    });

    [Fact]
    public void TheFirstOfEqualElementsGetsTheGradient()
    {
        Tensor x = Tensor.From([1, 3, 3, 2, 3, 3, 0, 0, 0], 1, 1, 3, 3);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        tape.Backward(Ops.MaxPool2d(x, 3));

        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 0, 0], x.Grad.ToArray());
    }

    [Fact]
    public void NotANumberWinsEveryWindowItIsIn() => Lanes.AtEveryWidth(() =>
    {
        float[] values = new float[3 * 40];
        values[40 + 17] = float.NaN;
        float[] y = Ops.MaxPool2d(Tensor.From(values, 1, 1, 3, 40), 3, 1, 1).Values.ToArray();

        for (int i = 0; i < y.Length; i++)
            Assert.Equal(i % 40 is >= 16 and <= 18, float.IsNaN(y[i]));
    });

    [Fact]
    public void AverageOfPaddingCountsOrNot()
    {
        Tensor x = Tensor.From([4, 8], 1, 1, 1, 2);
        Assert.Equal([4f / 9 + 8f / 9, 12f / 9], Ops.AvgPool2d(x, 3, 1, 1).Values.ToArray());
        Assert.Equal([6f, 6f], Ops.AvgPool2d(x, 3, 1, 1, countIncludePad: false).Values.ToArray());
    }

    [Fact]
    public void ErrorsNameBothShapes()
    {
        Tensor x = new(2, 3, 8, 8);
        Assert.Contains("weight is [4, 2, 3, 3] in 1 group(s), x is [2, 3, 8, 8]", Message(() => Ops.Conv2d(x, new Tensor(4, 2, 3, 3))), StringComparison.Ordinal);
        Assert.Contains("[4, 1, 3, 3]: its 4 outputs cannot be shared by 3 groups", Message(() => Ops.Conv2d(x, new Tensor(4, 1, 3, 3), groups: 3)), StringComparison.Ordinal);
        Assert.Contains("bias is [3], weight is [4, 3, 3, 3]", Message(() => Ops.Conv2d(x, new Tensor(4, 3, 3, 3), new Tensor(3))), StringComparison.Ordinal);
        Assert.Contains("x is [2, 3, 64], weight is [4, 3, 3, 3]", Message(() => Ops.Conv2d(x.Reshape(2, 3, 64), new Tensor(4, 3, 3, 3))), StringComparison.Ordinal);
        Assert.Contains("kernel (9, 9) with dilation (1, 1) does not fit into x, [2, 3, 8, 8]", Message(() => Ops.Conv2d(x, new Tensor(4, 3, 9, 9))), StringComparison.Ordinal);
        Assert.Contains("padding (2, 2) is more than half of the kernel (3, 3)", Message(() => Ops.MaxPool2d(x, 3, padding: 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void TheProfilerCountsTheMultiplyAdds()
    {
        using Profiler profiler = Profiler.Start();
        Ops.Conv2d(FiniteDifferences.Normal("x", false, 2, 6, 5, 7), FiniteDifferences.Normal("w", false, 4, 3, 3, 3), padding: 1, groups: 2);
        Assert.Equal(2L * 2 * 4 * 5 * 7 * 3 * 3 * 3, Assert.Single(profiler.Rows).Flops);
    }

    private static string Message(Func<object> call) => Assert.ThrowsAny<ArgumentException>(call).Message;

    private static void CheckConvolution(Conv2dShape shape, bool hasBias)
    {
        Window2d w = shape.Window;
        Tensor x = Whole("x", shape.Batch, shape.Channels, w.Height, w.Width);
        Tensor weight = Whole("weight", shape.Outputs, shape.GroupChannels, w.Kernel.Height, w.Kernel.Width);
        Tensor? bias = hasBias ? Whole("bias", shape.Outputs) : null;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Conv2d(x, weight, bias, w.Stride, w.Padding, w.Dilation, shape.Groups);
        float[] upstream = WholeNumbers.Array("upstream", y.Count);
        upstream.CopyTo(y.Grad);
        tape.Replay();

        float[] values = new float[y.Count], gradX = new float[x.Count], gradWeight = new float[weight.Count], gradBias = new float[shape.Outputs];
        for (int at = 0; at < values.Length; at++)
        {
            int plane = at / w.OutCount, image = plane / shape.Outputs, output = plane % shape.Outputs;
            values[at] = bias?.Values[output] ?? 0f;
            gradBias[output] += upstream[at];
            for (int channel = 0; channel < shape.GroupChannels; channel++)
            {
                int from = image * shape.Channels + output / shape.GroupOutputs * shape.GroupChannels + channel;
                ForEachTap(w, at % w.OutCount, (tap, element) =>
                {
                    int k = (output * shape.GroupChannels + channel) * w.Taps + tap, i = from * w.PlaneLength + element;
                    values[at] += weight.Values[k] * x.Values[i];
                    gradX[i] += weight.Values[k] * upstream[at];
                    gradWeight[k] += x.Values[i] * upstream[at];
                });
            }
        }

        AssertSame($"y of {shape}", values, y.Values);
        AssertSame($"gradient of x of {shape}", gradX, x.Grad);
        AssertSame($"gradient of weight of {shape}", gradWeight, weight.Grad);
        if (bias is not null)
            AssertSame($"gradient of bias of {shape}", gradBias, bias.Grad);
    }

    private static void CheckPools(int planes, Window2d w)
    {
        Tensor x = Whole("x", 1, planes, w.Height, w.Width), same = Tensor.From(x.Values, 1, planes, w.Height, w.Width);
        same.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor max = Ops.MaxPool2d(x, w.Kernel, w.Stride, w.Padding), mean = Ops.AvgPool2d(same, w.Kernel, w.Stride, w.Padding, countIncludePad: false);
        float[] upstream = WholeNumbers.Array("upstream", max.Count);
        upstream.CopyTo(max.Grad);
        upstream.CopyTo(mean.Grad);
        tape.Replay();

        float[] largest = new float[max.Count], gradMax = new float[x.Count];
        double[] means = new double[max.Count], gradMean = new double[x.Count];
        for (int at = 0; at < largest.Length; at++)
        {
            List<int> elements = [];
            ForEachTap(w, at % w.OutCount, (_, element) => elements.Add(at / w.OutCount * w.PlaneLength + element));
            int first = elements.MaxBy(i => x.Values[i]);
            largest[at] = x.Values[first];
            gradMax[first] += upstream[at];
            means[at] = elements.Average(i => x.Values[i]);
            elements.ForEach(i => gradMean[i] += upstream[at] / (double)elements.Count);
        }

        AssertSame($"largest of {w}", largest, max.Values);
        AssertSame($"gradient of the largest of {w}", gradMax, x.Grad);
        FiniteDifferences.AssertClose($"mean of {w}", mean.Values, means, 1e-6);
        FiniteDifferences.AssertClose($"gradient of the mean of {w}", same.Grad, gradMean, 1e-6);
    }

    private static void ForEachTap(Window2d w, int position, Action<int, int> visit)
    {
        for (int tap = 0; tap < w.Taps; tap++)
        {
            int row = position / w.OutWidth * w.Stride.Height - w.Padding.Height + tap / w.Kernel.Width * w.Dilation.Height;
            int column = position % w.OutWidth * w.Stride.Width - w.Padding.Width + tap % w.Kernel.Width * w.Dilation.Width;
            if (row >= 0 && row < w.Height && column >= 0 && column < w.Width)
                visit(tap, row * w.Width + column);
        }
    }

    private static Tensor Whole(string name, params ReadOnlySpan<int> dims)
    {
        Tensor x = Tensor.From(WholeNumbers.Array(name, dims), dims);
        x.NeedsGrad = true;
        return x;
    }

    private static void AssertSame(string what, float[] expected, ReadOnlySpan<float> actual)
    {
        int wrong = expected.AsSpan().CommonPrefixLength(actual);
        if (wrong < expected.Length)
            Assert.Fail($"{what}[{wrong}]: got {actual[wrong]}, expected {expected[wrong]}");
    }
}
