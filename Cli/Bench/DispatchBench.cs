using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// What it costs to leave the choice to a profile: products at sizes, densities and levels between those of the sweep, in turns with the
/// dense product. A choice that was right is a gain or nothing; the dispatcher's own work and wrong choices are losses.
/// </summary>
internal static class DispatchBench
{
    /// <summary>A speed-up below this is measured again with more rounds before it counts.</summary>
    internal const double Suspicious = 0.985;

    private const int MoreRounds = 4;   // times as long
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(40);
    private static readonly double[] s_densities = [0.1, 0.25, 0.38, 0.55, 0.8];
    private static readonly (int Levels, bool IsBinary)[] s_spikes = [(1, false), (2, false), (4, false), (1, true)];
    private static readonly (int M, int K, int N)[] s_shapes = [(1, 1024, 4096), (40, 512, 2048), (128, 640, 1200), (512, 768, 24)];

    /// <summary>How many rows there are.</summary>
    public static int RowCount => s_shapes.Length * WeightTypes.All.Length * s_densities.Length + 1;

    /// <summary>Measures with as many threads as are set; last comes the worst row again.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context, CrossoverProfile profile)
    {
        CrossoverProfile before = CrossoverProfile.Current;
        CrossoverProfile.Current = profile;
        try
        {
            List<BenchRow> rows = [];
            foreach ((int M, int K, int N) shape in s_shapes)
            {
                Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
                foreach ((StorageType type, string name) in WeightTypes.All)
                {
                    Func<Tensor, int, TimeSpan, Rounds[]> measure = shape.M == 1 ? One(context, weight, type) : Many(context, weight, type);
                    foreach (double density in s_densities)
                    {
                        (int levels, bool isBinary) = s_spikes[rows.Count % s_spikes.Length];   // every density meets all of them in the course of the types
                        rows.Add(Measure(context, measure, shape, name, levels, isBinary, density));
                        yield return rows[^1];
                    }
                }
            }

            yield return rows.MinBy(row => row.SpeedupVsDense)! with { Kernel = "dispatch_worst" };
        }
        finally
        {
            CrossoverProfile.Current = before;
        }
    }

    private static BenchRow Measure(
        BenchContext context, Func<Tensor, int, TimeSpan, Rounds[]> measure, (int M, int K, int N) shape, string weight, int levels, bool isBinary,
        double density)
    {
        Tensor spikes = BenchContext.Spikes(levels, density, shape.M, shape.K, isBinary);
        BenchRow row = Row(measure(spikes, levels, s_budget));
        return row.SpeedupVsDense < Suspicious ? Row(measure(spikes, levels, MoreRounds * s_budget)) : row;

        BenchRow Row(Rounds[] rounds) => BenchContext.Spike(rounds[1], rounds[0], shape, weight, levels, density, isBinary) with
        {
            Kernel = "dispatch",
            Gflops = null,
            SpeedupVsDense = rounds[0].Quick / rounds[1].Quick,
        };
    }

    private static Func<Tensor, int, TimeSpan, Rounds[]> Many(BenchContext context, Tensor weight, StorageType type)
    {
        SpikeCase product = new(weight, type);
        return (spikes, levels, budget) => Rounds.InTurns(
            budget, TimeSpan.Zero, context.Cancellation,
            context.Scoped(() => product.RunDense(spikes, levels)), context.Scoped(() => product.Run(spikes, levels, SpikePath.Auto)));
    }

    private static Func<Tensor, int, TimeSpan, Rounds[]> One(BenchContext context, Tensor weight, StorageType type)
    {
        VectorCase product = new(weight, type, CrossoverBench.PoolBytes);
        return (spikes, levels, budget) =>
        {
            float[] x = spikes.ToArray();
            SpikeEvents events = new(x.Length, levels);
            return Rounds.InTurns(budget, TimeSpan.Zero, context.Cancellation, () => product.Multiply(x), () => product.Choose(x, events));
        };
    }
}
