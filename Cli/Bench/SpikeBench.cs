using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>Products of integer spikes, encoded anew each time, in turns with the dense product of the same values and the same type of weight.</summary>
internal static class SpikeBench
{
    private static readonly double[] s_densities = [0.05, 0.1, 0.2, 0.3, 0.5];
    private static readonly int[] s_levels = [1, 4];
    private static readonly (int M, int K, int N)[] s_shapes = [(512, 768, 3352), (512, 2048, 8512)];
    private static readonly (int M, int K, int N) s_vector = (1, 2048, 8512);

    /// <summary>How many rows there are.</summary>
    public static int RowCount => (2 * s_shapes.Length + 1) * s_levels.Length * s_densities.Length;

    /// <summary>Many vectors, and one with weights from memory.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context, (StorageType Type, string Name) weight) =>
        s_shapes.SelectMany(shape => Many(context, shape, weight)).Concat(One(context, weight));

    private static IEnumerable<BenchRow> Many(BenchContext context, (int M, int K, int N) shape, (StorageType Type, string Name) type)
    {
        Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
        SpikeCase product = new(weight, type.Type);
        TimeSpan warmUp = Rounds.WarmUp;   // of the first density; the others run the same code
        foreach (int levels in s_levels)
        {
            foreach (double density in s_densities)
            {
                Tensor spikes = BenchContext.Spikes(levels, density, shape.M, shape.K);
                Rounds[] rounds = context.Measure(
                    warmUp, 1, type.Type == StorageType.Int8 ? MachinePeak.RunByteMulAdds : MachinePeak.RunMulAdds,
                    () => product.Run(spikes, levels, SpikePath.Dense), () => product.Run(spikes, levels, SpikePath.Accumulate));
                warmUp = TimeSpan.Zero;
                yield return context.Dense("dense", rounds[0], shape, type.Name, rounds[^1]) with { Density = density, Levels = levels };
                yield return BenchContext.Spike(rounds[1], rounds[0], shape, type.Name, levels, density);
            }
        }
    }

    private static IEnumerable<BenchRow> One(BenchContext context, (StorageType Type, string Name) type)
    {
        VectorCase product = new(BenchContext.Normal("weight", s_vector.N, s_vector.K), type.Type);
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in s_levels)
        {
            SpikeEvents events = new(s_vector.K, levels);
            foreach (double density in s_densities)
            {
                float[] x = BenchContext.Spikes(levels, density, s_vector.M, s_vector.K).ToArray();
                Rounds[] rounds = Rounds.InTurns(
                    BenchContext.Budget, warmUp, context.Cancellation, () => product.Multiply(x), () => product.Accumulate(x, events));
                warmUp = TimeSpan.Zero;
                yield return BenchContext.Spike(rounds[1], rounds[0], s_vector, type.Name, levels, density);
            }
        }
    }
}
