namespace SpikeEngine.Cli.Bench;

/// <summary>
/// Convolutions of 3 x 3 over maps of 32 x 32: dense ones in turns with the product of as many multiply-adds, and binary spikes in turns with
/// the dense convolution.
/// </summary>
internal static class ConvBench
{
    private const int Side = 32;
    private const int Kernel = 3;
    private const long SmallFlops = 200_000_000;   // below which work is repeated: alone it would find every cache and predictor cold

    private static readonly int[] s_channels = [64, 128, 256];
    private static readonly int[] s_batches = [1, 8];
    private static readonly double[] s_densities = [0.05, 0.1, 0.2, 0.3];

    public static int RowCount => s_channels.Length * s_batches.Length * (2 + s_densities.Length);

    public static IEnumerable<BenchRow> Rows(BenchContext context) =>
        s_channels.SelectMany(channels => s_batches.SelectMany(batch => Rows(context, batch, channels)));

    private static IEnumerable<BenchRow> Rows(BenchContext context, int batch, int channels)
    {
        (int M, int K, int N) shape = (batch * Side * Side, Kernel * Kernel * channels, channels);
        Tensor weight = Tensor.RandomNormal(new SeededRandom(1, "weight"), channels, channels, Kernel, Kernel), bias = BenchContext.Normal("bias", 1, channels);
        Tensor maps = Tensor.RandomNormal(new SeededRandom(1, "x"), batch, channels, Side, Side);
        Tensor x = BenchContext.Normal("x", shape.M, shape.K), matrix = BenchContext.Normal("weight", shape.N, shape.K);
        double flops = 2.0 * shape.M * shape.K * shape.N;
        int repeats = (int)Math.Max(1, SmallFlops / flops);

        Rounds[] rounds = [.. context.Measure(
            Rounds.WarmUp, repeats, MachinePeak.RunMulAdds, () => Ops.Linear(x, matrix, bias), () => Ops.Conv2d(maps, weight, bias, padding: 1))];
        Rounds product = rounds[0].Each(repeats), dense = rounds[1].Each(repeats);
        yield return context.Dense("dense", product, shape, "f32", rounds[^1]);
        yield return context.Dense("conv2d", dense, shape, "f32", rounds[^1]) with { SpeedupVsDense = product.Median / dense.Median };

        var spiking = SpikeConvWeight.From(weight, padding: 1);
        TimeSpan warmUp = Rounds.WarmUp;   // of the first density; the others run the same code
        foreach (double density in s_densities)
        {
            Tensor spikes = Spikes(density, batch, channels);
            long accumulates = Ops.SpikeConv2d(spikes, spiking).Accumulates;
            rounds = Rounds.InTurns(
                BenchContext.Budget, warmUp, context.Cancellation,
                context.Scoped(() => Ops.Conv2d(spikes, weight, bias, padding: 1)), context.Scoped(() => Ops.SpikeConv2d(spikes, spiking, bias).Y));
            warmUp = TimeSpan.Zero;
            yield return rounds[1].Row("spike_conv2d", shape) with
            {
                Weight = "f32",
                Density = density,
                Gflops = accumulates / rounds[1].Median / 1e9,
                SpeedupVsDense = rounds[0].Median / rounds[1].Median,
            };
        }
    }

    private static Tensor Spikes(double density, int batch, int channels)
    {
        SeededRandom random = new(1, "spikes");
        Tensor spikes = Tensor.Zeros(batch, channels, Side, Side);
        foreach (ref float spike in spikes.Values)
            spike = random.NextFloat() < density ? 1f : 0f;
        return spikes;
    }
}
