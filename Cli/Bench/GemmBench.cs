namespace SpikeEngine.Cli.Bench;

/// <summary>Dense products of matrices as shares of multiply-adds.</summary>
internal static class GemmBench
{
    private const long SmallFlops = 100_000_000;   // below which a product is repeated: alone it would find every cache and predictor cold
    private static readonly (int M, int K, int N)[] s_shapes = [(64, 64, 256), (256, 128, 64), (512, 768, 3352), (1024, 1024, 1024)];
    private static readonly (int M, int K, int N) s_stored = (512, 768, 3352);
    private static readonly int[] s_levels = [1, 4, 8];

    /// <summary>How many rows there are.</summary>
    public static int RowCount => 2 * s_shapes.Length + 2 + s_levels.Length;

    /// <summary>Weights packed on the way and ahead, stored weights, and integer spikes times bytes.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        foreach ((int M, int K, int N) shape in s_shapes)
        {
            Tensor x = BenchContext.Normal("x", shape.M, shape.K), weight = BenchContext.Normal("weight", shape.N, shape.K);
            var packed = PackedWeight.From(weight);
            int repeats = (int)Math.Max(1, SmallFlops / (2L * shape.M * shape.K * shape.N));
            Rounds[] rounds = context.Measure(
                Rounds.WarmUp, repeats, MachinePeak.RunMulAdds, () => Ops.Linear(x, weight), () => Ops.Linear(x, packed));
            yield return context.Dense("dense", rounds[0].Each(repeats), shape, "f32", rounds[^1]);
            yield return context.Dense("dense_packed", rounds[1].Each(repeats), shape, "f32", rounds[^1]);
        }

        Tensor input = BenchContext.Normal("x", s_stored.M, s_stored.K), full = BenchContext.Normal("weight", s_stored.N, s_stored.K);
        foreach ((StorageType type, string name) in WeightTypes.All)
        {
            if (type is StorageType.Float32 or StorageType.Int8)
                continue;
            var stored = InputMajorWeight.From(full, type);
            Rounds[] rounds = context.Measure(Rounds.WarmUp, 1, MachinePeak.RunMulAdds, () => Ops.Linear(input, stored));
            yield return context.Dense("dense", rounds[0], s_stored, name, rounds[^1]);
        }

        var bytes = InputMajorWeight.From(full, StorageType.Int8);
        foreach (int levels in s_levels)
        {
            Tensor spikes = BenchContext.Spikes(levels, 1, s_stored.M, s_stored.K);
            Rounds[] rounds = context.Measure(
                Rounds.WarmUp, 1, MachinePeak.RunByteMulAdds, () => Ops.SpikeLinear(spikes, bytes, levels: levels, path: SpikePath.Dense));
            yield return context.Dense("dense", rounds[0], s_stored, "int8", rounds[^1]) with { Levels = levels };
        }
    }
}
