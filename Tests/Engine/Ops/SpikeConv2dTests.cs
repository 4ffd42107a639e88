using CsCheck;
using SpikeEngine.Kernels;
using SpikeEngine.Tests.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>Convolutions of binary spikes. Whole weights make sums exact, so they must equal the naive ones to the bit.</summary>
[Collection(Lanes.Name)]
public class SpikeConv2dTests
{
    private static readonly double[] s_densities = [0, 0.05, 0.3, 1];
    private static readonly Size2d[] s_kernels = [1, 2, 3, (1, 3), (5, 2)];
    private static readonly Size2d[] s_strides = [1, 2, (1, 3)];

    private static readonly Gen<(int Batch, int Channels, int Outputs, int Height, int Width, Size2d Kernel, Size2d Stride, int Padding, double Density)> s_cases =
        Gen.Select(
            Gen.Int[1, 3], Gen.Int[1, 70], Gen.Int[1, 150], Gen.Select(Gen.Int[5, 21], Gen.Int[5, 21]),
            Gen.Int[0, 4].Select(i => s_kernels[i]), Gen.Int[0, 2].Select(i => s_strides[i]), Gen.Int[0, 2], Gen.Int[0, 3].Select(i => s_densities[i]))
            .Select(c => (c.Item1, c.Item2, c.Item3, c.Item4.Item1, c.Item4.Item2, c.Item5, c.Item6, c.Item7, c.Item8));

    [Fact]
    public void AnySizeAndDensityIsTheNaiveConvolution() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c =>
        {
            Case all = new(c.Batch, c.Channels, c.Outputs, c.Height, c.Width, c.Kernel, c.Stride, c.Padding, c.Density);
            (float[] expected, long accumulates) = all.Naive();
            SpikeConv2dResult result = all.Run();
            Assert.Equal(expected, result.Y.ToArray());
            Assert.Equal(accumulates, result.Accumulates);
            Assert.Equal(all.Spikes.ToArray().Count(s => s != 0), result.Events);
        },
        iter: 40, threads: 1));

    [Theory]
    [InlineData(1, 64, 64, 32, 3, 1, 1)]
    [InlineData(2, 130, 200, 17, 3, 2, 1)]
    [InlineData(3, 70, 33, 9, 1, 1, 0)]
    [InlineData(1, 3, 10, 70, 7, 2, 3)]
    public void ItIsTheDenseConvolutionButForRounding(int batch, int channels, int outputs, int size, int kernel, int stride, int padding)
    {
        Tensor spikes = Binary(0.2, batch, channels, size, size), bias = Tensor.RandomNormal(new SeededRandom(1, "b"), outputs);
        Tensor weight = Tensor.RandomNormal(new SeededRandom(1, "w"), outputs, channels, kernel, kernel);
        float[] dense = Ops.Conv2d(spikes, weight, bias, stride, padding).ToArray();
        float[] y = Ops.SpikeConv2d(spikes, SpikeConvWeight.From(weight, stride, padding), bias).Y.ToArray();
        float tolerance = 1e-6f * channels * kernel * kernel;
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(dense[i], y[i], tolerance);
    }

    [Fact]
    public void WidthsAndThreadsDoNotChangeABit()
    {
        Tensor spikes = Binary(0.3, 2, 50, 19, 23), bias = Tensor.RandomNormal(new SeededRandom(1, "b"), 90);
        var weight = SpikeConvWeight.From(Tensor.RandomNormal(new SeededRandom(1, "w"), 90, 50, 3, 3), padding: 1);
        int[]? first = null;
        Lanes.AtEveryWidth(Check);
        Lanes.ExactAtEveryWidth(Check);

        void Check()
        {
            foreach (int threads in new[] { 1, 2, 3, 8 })
            {
                float[] y = Lanes.WithThreads(threads, () => Ops.SpikeConv2d(spikes, weight, bias).Y.ToArray());
                int[] bits = Array.ConvertAll(y, BitConverter.SingleToInt32Bits);
                first ??= bits;
                Assert.Equal(first, bits);
            }
        }
    }

    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.3, 1)]
    [InlineData(0.3, 2)]
    [InlineData(1.0, 1)]
    public void NothingButTheWeightsOfSpikesIsAddedAndNothingMultiplied(double density, int stride)
    {
        const int Outputs = 70;   // whole tiles and a rest
        Tensor spikes = Binary(density, 2, 75, 13, 11);
        var weight = SpikeConvWeight.From(Tensor.From(WholeNumbers.Array("w", Outputs, 75, 3, 3), Outputs, 75, 3, 3), stride, padding: 1);
        SpikeConv2dResult result = Ops.SpikeConv2d(spikes, weight);
        SpikeConv2dShape shape = new(2, 75, Outputs, new Window2d(13, 11, 3, stride, 1, 1));
        EncodedSpikePlanes encoded = new(shape, spikes, out Workspace.Mark mark);
        long additions = 0;
        for (int piece = 0; piece < shape.Batch * shape.Tiles * shape.Bands; piece++)
        {
            (int part, int band) = Math.DivRem(piece, shape.Bands);
            (int image, int tile) = Math.DivRem(part, shape.Tiles);
            int outputs = Math.Min(64, Outputs - tile * 64);
            (long adds, long multiplies) = CountingLanes.Count(new SpikeConv2dForward
            {
                Shape = shape, Events = encoded.Events(image), Runs = encoded.Runs(image), Classes = encoded.Classes(image), Weight = weight.Tile(tile), Bias = [],
                Band = band, Y = new float[outputs * shape.Window.OutCount], Scratch = new float[SpikeConv2dForward.ScratchLength(shape)],
            });
            additions += adds;
            Assert.Equal(0, multiplies);
        }

        mark.Release();
        Assert.Equal(result.Accumulates, additions);
    }

    [Fact]
    public void EventsOfWideRowsDoNotFitInto16BitsAndNeedNot()
    {
        // 64 channels x 1,100 columns; only where a spike is, seen from the window, has to fit.
        Tensor spikes = Binary(0.05, 1, 64, 3, 1_100), weight = Tensor.From(WholeNumbers.Array("w", 5, 64, 3, 3), 5, 64, 3, 3);
        Assert.Equal(Ops.Conv2d(spikes, weight, padding: 1).ToArray(), Ops.SpikeConv2d(spikes, SpikeConvWeight.From(weight, padding: 1)).Y.ToArray());
    }

    [Theory]
    [InlineData(2f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void WhatIsNeither0Nor1IsRefusedByItsPlace(float value)
    {
        Tensor spikes = Binary(0.5, 2, 3, 4, 5);
        spikes.Values[60 + 2 * 20 + 1 * 5 + 3] = value;
        var weight = SpikeConvWeight.From(Tensor.Ones(4, 3, 3, 3), padding: 1);
        Assert.Contains("at [1, 2, 1, 3]; they must be 0 or 1", Assert.Throws<ArgumentException>("spikes", () => Ops.SpikeConv2d(spikes, weight)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var weight = SpikeConvWeight.From(Tensor.Ones(4, 3, 3, 3));
        Assert.Throws<ArgumentException>("spikes", () => Ops.SpikeConv2d(new Tensor(1, 2, 5, 5), weight));
        Assert.Throws<ArgumentException>("spikes", () => Ops.SpikeConv2d(new Tensor(3, 5, 5), weight));
        Assert.Throws<ArgumentException>(() => Ops.SpikeConv2d(new Tensor(1, 3, 2, 5), weight));
        Assert.Throws<ArgumentException>("bias", () => Ops.SpikeConv2d(new Tensor(1, 3, 5, 5), weight, new Tensor(3)));
        Assert.Throws<ArgumentException>("weight", () => SpikeConvWeight.From(Tensor.Ones(4, 3, 3)));
        Assert.Throws<ArgumentException>("weight", () => SpikeConvWeight.From(Tensor.Ones(4, 3, 65, 1)));
        Assert.Throws<ArgumentException>("stride", () => SpikeConvWeight.From(Tensor.Ones(4, 3, 3, 3), stride: 0));
        Assert.Throws<ArgumentException>("padding", () => SpikeConvWeight.From(Tensor.Ones(4, 3, 3, 3), padding: -1));
        Tensor wanted = new(1, 3, 5, 5) { NeedsGrad = true };
        Assert.Equal(new Shape(1, 4, 3, 3), Ops.SpikeConv2d(wanted, weight).Y.Shape);
        using var tape = Tape.Begin();
        Assert.Throws<InvalidOperationException>(() => Ops.SpikeConv2d(wanted, weight));
    }

    [Fact]
    public void NoImagesGiveNone()
    {
        (Tensor y, long events, long accumulates) = Ops.SpikeConv2d(new Tensor(0, 3, 5, 5), SpikeConvWeight.From(Tensor.Ones(4, 3, 3, 3)));
        Assert.Equal((new Shape(0, 4, 3, 3), 0L, 0L), (y.Shape, events, accumulates));
    }

    private static Tensor Binary(double density, params ReadOnlySpan<int> dims)
    {
        Tensor spikes = Tensor.From(RandomSpikes.Array(new Shape(dims).Count, 1, density), dims);
        foreach (ref float spike in spikes.Values)
            spike = MathF.Abs(spike);
        return spikes;
    }

    /// <summary>One convolution, with whole weights.</summary>
    private sealed class Case(int batch, int channels, int outputs, int height, int width, Size2d kernel, Size2d stride, int padding, double density)
    {
        private readonly float[] _weight = WholeNumbers.Array("weight", outputs, channels, kernel.Height, kernel.Width);
        private readonly float[] _bias = WholeNumbers.Array("bias", outputs);

        public Tensor Spikes { get; } = Binary(density, batch, channels, height, width);

        public SpikeConv2dResult Run() => Ops.SpikeConv2d(
            Spikes, SpikeConvWeight.From(Tensor.From(_weight, outputs, channels, kernel.Height, kernel.Width), stride, padding), Tensor.From(_bias, outputs));

        /// <summary>Every sum in double precision, and how many weights of active inputs are in them.</summary>
        public (float[] Y, long Accumulates) Naive()
        {
            Window2d window = new(height, width, kernel, stride, padding, 1);
            float[] y = new float[batch * outputs * window.OutCount];
            long accumulates = 0;
            for (int at = 0; at < y.Length; at++)
            {
                (int rest, int q) = Math.DivRem(at, window.OutWidth);
                (rest, int p) = Math.DivRem(rest, window.OutHeight);
                (int image, int output) = Math.DivRem(rest, outputs);
                double sum = _bias[output];
                for (int k = 0; k < channels * window.Taps; k++)
                {
                    (int channel, int tap) = Math.DivRem(k, window.Taps);
                    int row = p * stride.Height - padding + tap / kernel.Width, column = q * stride.Width - padding + tap % kernel.Width;
                    if ((uint)row >= (uint)height || (uint)column >= (uint)width || Spikes.Values[((image * channels + channel) * height + row) * width + column] == 0)
                        continue;
                    sum += _weight[output * channels * window.Taps + k];
                    accumulates++;
                }

                y[at] = (float)sum;
            }

            return (y, accumulates);
        }
    }
}
