using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The product by additions for many vectors. Whole weights make it exact, so it must equal the naive product to the bit.</summary>
[Collection(Lanes.Name)]
public class SpikeMatMulTests
{
    private static readonly double[] s_densities = [0, 0.05, 0.4, 1];

    private static readonly Gen<(int Vectors, int Inputs, int Outputs, int Levels, double Density, int BlockLength, bool Transposed, bool Accumulate)> s_cases =
        Gen.Select(
            Gen.Int[0, 9], Gen.Int[1, 90], Gen.Int[1, 300], Gen.Int[1, 8], Gen.Int[0, 3].Select(i => s_densities[i]), Gen.Int[1, 100], Gen.Bool, Gen.Bool);

    [Fact]
    public void AnySizeDensityAndLayoutIsTheNaiveProduct() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c => Check(new SpikeBlocks(c.Vectors, c.Inputs, c.Levels, c.BlockLength), c.Outputs, c.Density, c.Transposed, c.Accumulate), iter: 100, threads: 1));

    [Fact]
    public void BlocksAreLongerWhereSpikesAreRare()
    {
        int[] lengths = [.. new[] { 500, 1_500, 5_000 }.Select(active => SpikeBlocks.For(10, 1_000, 1, active, hasNegative: true).BlockLength)];
        Assert.Equal([768, 192, 128], lengths);
        Assert.Equal(3, new SpikeBlocks(10, 1_000, 1, 384).Blocks);
    }

    [Theory]
    [InlineData(1, 0.4)]
    [InlineData(4, 0.4)]
    [InlineData(8, 1)]
    [InlineData(4, 0)]
    public void SpikesOnlyAdd(int levels, double density)
    {
        const int Vectors = 7, Outputs = 16;
        SpikeBlocks blocks = new(Vectors, 60, levels, 30);
        Encoded spikes = new(blocks, RandomSpikes.Array(Vectors * 60, levels, density));
        float[] weight = WholeNumbers.Array("weight", 60, Outputs), y = new float[Vectors * Outputs];

        (long adds, long multiplies) = CountingLanes.Count(Product(spikes, weight, new MatrixLayout(Outputs, Transposed: false), Outputs, y, accumulate: false));

        Assert.Equal(0, multiplies);
        Assert.InRange(adds, spikes.Active * Outputs, (spikes.Active + (long)Vectors * blocks.Blocks * levels) * Outputs);
    }

    private static void Check(SpikeBlocks blocks, int outputs, double density, bool transposed, bool accumulate)
    {
        int inputs = blocks.Inputs;
        Encoded spikes = new(blocks, RandomSpikes.Array(blocks.Vectors * inputs, blocks.Levels, density));
        float[] weight = WholeNumbers.Array("weight", inputs, outputs), y = new float[blocks.Vectors * outputs];
        Array.Fill(y, accumulate ? 100f : float.NaN);   // old values must not matter when they do not stay

        Simd.Run(Product(spikes, weight, transposed ? new MatrixLayout(inputs, true) : new MatrixLayout(outputs, false), outputs, y, accumulate));

        for (int i = 0; i < y.Length; i++)
        {
            (int vector, int output) = Math.DivRem(i, outputs);
            double sum = accumulate ? 100 : 0;
            for (int input = 0; input < inputs; input++)
                sum += spikes.Values[vector * inputs + input] * weight[transposed ? output * inputs + input : input * outputs + output];
            Assert.Equal(sum, y[i]);
        }
    }

    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(4, 0.3)]
    [InlineData(4, 0)]
    public void ARowForAllIsAddedOnceToEach(int levels, double density) => Lanes.AtEveryWidth(() =>
    {
        const int Vectors = 5, Inputs = 70, Outputs = 75;   // three blocks; full registers and a rest
        Encoded spikes = new(new SpikeBlocks(Vectors, Inputs, levels, 30), RandomSpikes.Array(Vectors * Inputs, levels, density));
        float[] weight = WholeNumbers.Array("weight", Inputs, Outputs), row = WholeNumbers.Array("row", 1, Outputs);
        float[] plain = new float[Vectors * Outputs], y = [.. Enumerable.Repeat(float.NaN, plain.Length)];
        MatrixLayout layout = new(Outputs, Transposed: false);

        Simd.Run(Product(spikes, weight, layout, Outputs, plain, accumulate: false));
        Simd.Run(new SpikeMatMul<MatrixBlocks>
        {
            Blocks = spikes.Blocks, Events = spikes.Events, Ends = spikes.Ends, B = new MatrixBlocks(weight, layout), N = Outputs,
            Y = y, YStride = Outputs, Start = row, StartStride = 0, Scratch = new float[8 * 16 * (Inputs + 1)],
        });

        Assert.Equal(plain.Select((value, i) => value + row[i % Outputs]), y);
    });

    private static SpikeMatMul<MatrixBlocks> Product(Encoded spikes, float[] b, MatrixLayout layout, int n, float[] y, bool accumulate) => new()
    {
        Blocks = spikes.Blocks, Events = spikes.Events, Ends = spikes.Ends, B = new MatrixBlocks(b, layout), N = n,
        Y = y, YStride = n, Start = accumulate ? y : default, StartStride = n, Scratch = new float[Math.Max(spikes.Blocks.ScratchLength, 8 * 16 * (spikes.Blocks.Inputs + 1))],
    };

    /// <summary>Spikes and their events, encoded in two pieces.</summary>
    private sealed class Encoded
    {
        public Encoded(SpikeBlocks blocks, float[] values)
        {
            (Blocks, Values, Events, Ends) = (blocks, values, new ushort[blocks.EventsLength], new ushort[blocks.EndsLength]);
            int half = blocks.Vectors / 2;
            foreach ((int start, int end) in new[] { (0, half), (half, blocks.Vectors) })
                Simd.Run(new SpikeEncode { Blocks = blocks, Spikes = values, Start = start, End = end, Events = Events, Ends = Ends });
        }

        public SpikeBlocks Blocks { get; }

        public float[] Values { get; }

        public ushort[] Events { get; }

        public ushort[] Ends { get; }

        public long Active => Values.Count(s => s != 0);
    }
}
