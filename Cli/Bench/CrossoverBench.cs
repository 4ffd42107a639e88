using SpikeEngine.Kernels;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// Sweeps the share of active inputs for shapes, numbers of tokens and types of weights, and finds where accumulating stops to be faster than
/// the dense product. Rows of a sweep have a density and a speed-up, and after them comes one with the break-even.
/// </summary>
internal static class CrossoverBench
{
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(40);
    private static readonly int[] s_levels = [1, 4];
    private static readonly (int M, int K, int N)[] s_shapes = [(1, 768, 3352), (1, 2048, 8512), (16, 768, 3352), (256, 256, 1072), (256, 768, 3352)];

    /// <summary>Shares of active inputs that are measured.</summary>
    public static readonly double[] Densities = [0.05, 0.1, 0.2, 0.3, 0.45, 0.65, 1];

    /// <summary>How many rows there are.</summary>
    public static int RowCount => s_shapes.Length * BenchContext.Weights.Length * s_levels.Length * (Densities.Length + 1);

    /// <summary>Measures with as many threads as are set.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        foreach ((int M, int K, int N) shape in s_shapes)
        {
            Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
            foreach ((StorageType type, string name) in BenchContext.Weights)
            {
                Func<Tensor, int, (Rounds Dense, Rounds Spike)> measure = shape.M == 1 ? One(context, weight, type) : Many(context, weight, type);
                foreach (int levels in s_levels)
                {
                    List<BenchRow> sweep = [];
                    foreach (double density in Densities)
                    {
                        (Rounds dense, Rounds spike) = measure(BenchContext.Spikes(levels, density, shape.M, shape.K), levels);
                        sweep.Add(BenchContext.Spike(spike, dense, shape, name, levels, density));
                        yield return sweep[^1];
                    }

                    yield return sweep[^1] with
                    {
                        Kernel = "crossover",
                        Density = null,
                        Gflops = null,
                        SpeedupVsDense = null,
                        Ms = null,
                        MsMin = null,
                        MsMax = null,
                        BreakEven = BreakEven(sweep),
                    };
                }
            }
        }
    }

    /// <summary>Adds what was measured to the profile of this machine in a file, in place of what was known of as many threads.</summary>
    public static void Save(IEnumerable<BenchRow> rows, string path)
    {
        CrossoverPoint[] points = [.. rows.Where(row => row.BreakEven is not null).Select(row => new CrossoverPoint(
            BenchContext.Weights.First(weight => weight.Name == row.Weight).Type,
            row.M!.Value, row.K!.Value, row.N!.Value, row.Levels!.Value, row.Threads, row.BreakEven!.Value))];
        string key = CrossoverProfile.MachineKey;
        Dictionary<string, CrossoverProfile> machines = File.Exists(path) ? new(CrossoverProfile.ReadAll(path)) : [];
        HashSet<int> measured = [.. points.Select(point => point.Threads)];
        IEnumerable<CrossoverPoint> others = machines.TryGetValue(key, out CrossoverProfile? before)
            ? before.Points.Where(point => !measured.Contains(point.Threads))
            : [];
        machines[key] = new CrossoverProfile(others.Concat(points));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream => CrossoverProfile.Write(stream, machines));
    }

    /// <summary>The density up to which accumulating is faster, between two that were measured where the speed-up crosses 1.</summary>
    internal static double BreakEven(IReadOnlyList<BenchRow> sweep)
    {
        double known = 0, knownSpeedup = double.PositiveInfinity;
        foreach (BenchRow row in sweep)
        {
            double density = row.Density!.Value, speedup = row.SpeedupVsDense!.Value;
            if (speedup < 1)
            {
                // A speed-up falls like 1 / density: its inverse is about a straight line.
                double from = 1 / knownSpeedup, to = 1 / speedup;
                return known + (density - known) * (1 - from) / (to - from);
            }

            (known, knownSpeedup) = (density, speedup);
        }

        return 1;
    }

    private static Func<Tensor, int, (Rounds Dense, Rounds Spike)> Many(BenchContext context, Tensor weight, StorageType type)
    {
        SpikeCase product = new(weight, type);
        TimeSpan warmUp = s_warmUp;
        return (spikes, levels) =>
        {
            Rounds[] rounds = Rounds.InTurns(s_budget, warmUp, context.Cancellation, Run(SpikePath.Dense), Run(SpikePath.Accumulate));
            warmUp = TimeSpan.Zero;
            return (rounds[0], rounds[1]);

            Action Run(SpikePath path) => () =>
            {
                using Workspace.Scope scope = context.Workspace.Open();
                product.Run(spikes, levels, path);
            };
        };
    }

    private static Func<Tensor, int, (Rounds Dense, Rounds Spike)> One(BenchContext context, Tensor weight, StorageType type)
    {
        VectorCase product = new(weight, type);
        TimeSpan warmUp = s_warmUp;
        return (spikes, levels) =>
        {
            float[] x = spikes.ToArray();
            SpikeEvents events = new(x.Length, levels);
            Rounds[] rounds = Rounds.InTurns(
                s_budget, warmUp, context.Cancellation, () => product.Multiply(x), () => product.Accumulate(x, events));
            warmUp = TimeSpan.Zero;
            return (rounds[0], rounds[1]);
        };
    }
}
