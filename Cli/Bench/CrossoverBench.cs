using System.Diagnostics;
using SpikeEngine.Kernels;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// Sweeps the share of active inputs for shapes, numbers of tokens and types of weights, and finds where accumulating stops to be faster than
/// the dense product. Rows of a sweep have a density and a speed-up, and after them comes one with the break-even. <see cref="DispatchBench"/>
/// then tries out what was found.
/// </summary>
internal static class CrossoverBench
{
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(1_500);   // all ways with all types of weight
    private static readonly (int Levels, bool IsBinary)[] s_signed = [(1, false), (4, false)];
    private static readonly (int Levels, bool IsBinary)[] s_all = [(1, true), .. s_signed];
    private static readonly (int M, int K, int N)[] s_shapes =
    [
        (1, 768, 3352), (1, 2048, 8512), (4, 768, 3352), (32, 768, 3352), (256, 768, 1792), (256, 256, 1072), (256, 1536, 768), (256, 256, 64),
    ];

    /// <summary>Of weights that take turns: more than a cache holds, and no more than can be laid out in the time there is.</summary>
    internal const long PoolBytes = 1 << 26;

    // Accumulating has to be so much faster before it is chosen. A sweep errs by some percent, and dense is never wrong.
    private const double WorthIt = 1.05;

    /// <summary>Shares of active inputs that are measured.</summary>
    public static readonly double[] Densities = [0.05, 0.15, 0.3, 0.45, 0.65, 1];

    /// <summary>How many rows there are.</summary>
    public static int RowCount =>
        s_shapes.Sum(shape => WeightTypes.All.Sum(type => SpikesOf(shape, type.Type).Length)) * (Densities.Length + 1) + DispatchBench.RowCount;

    /// <summary>Measures with as many threads as are set, and then what a profile of that would have chosen elsewhere.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        List<BenchRow> breakEvens = [];
        foreach (BenchRow row in Sweeps(context))
        {
            if (row.BreakEven is not null)
                breakEvens.Add(row);
            yield return row;
        }

        foreach (BenchRow row in DispatchBench.Rows(context, new CrossoverProfile(breakEvens.Select(Point))))
            yield return row;
    }

    private static IEnumerable<BenchRow> Sweeps(BenchContext context)
    {
        Settle(context);
        foreach ((int M, int K, int N) shape in s_shapes)
        {
            Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
            foreach ((StorageType type, string name) in WeightTypes.All)
            {
                Func<Tensor, int, (Rounds Dense, Rounds Spike)> measure = shape.M == 1 ? One(context, weight, type) : Many(context, weight, type);
                foreach ((int levels, bool isBinary) in SpikesOf(shape, type))
                {
                    List<BenchRow> sweep = [];
                    foreach (double density in Densities)
                    {
                        (Rounds dense, Rounds spike) = measure(BenchContext.Spikes(levels, density, shape.M, shape.K, isBinary), levels);
                        sweep.Add(BenchContext.Spike(spike, dense, shape, name, levels, density, isBinary) with { SpeedupVsDense = dense.Quick / spike.Quick });
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
                        BreakEven = BreakEven(sweep, speedup: 1),
                        AccumulateUpTo = BreakEven(sweep, WorthIt),
                    };
                }
            }
        }
    }

    /// <summary>Binary ones apart where they may be added by code of their own, which bytes do not have.</summary>
    private static (int Levels, bool IsBinary)[] SpikesOf((int M, int K, int N) shape, StorageType type) =>
        type != StorageType.Int8 && SpikeBlocks.MayTakeSubsets(shape.M, shape.K, levels: 1, hasNegative: false) ? s_all : s_signed;

    /// <summary>
    /// Adds what was measured to the profile of this machine in a file, in place of what was known of as many threads. A file that cannot
    /// be read is replaced: what was measured must not be lost to it.
    /// </summary>
    public static void Save(IEnumerable<BenchRow> rows, string path)
    {
        CrossoverPoint[] points = [.. rows.Where(row => row.BreakEven is not null).Select(Point)];
        string key = CrossoverProfile.MachineKey;
        Dictionary<string, CrossoverProfile> machines = Read(path, out _);
        HashSet<int> measured = [.. points.Select(point => point.Threads)];
        IEnumerable<CrossoverPoint> others = machines.TryGetValue(key, out CrossoverProfile? before)
            ? before.Points.Where(point => !measured.Contains(point.Threads))
            : [];
        machines[key] = new CrossoverProfile(others.Concat(points));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream => CrossoverProfile.Write(stream, machines));
    }

    /// <summary>The profiles in a file, by machine; none if it is not there or cannot be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Why it cannot be read, or null.</param>
    internal static Dictionary<string, CrossoverProfile> Read(string path, out Exception? problem)
    {
        problem = null;
        try
        {
            return File.Exists(path) ? new(CrossoverProfile.ReadAll(path)) : [];
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problem = error;
            return [];
        }
    }

    /// <summary>The density up to which accumulating is so many times as fast, between two that were measured where that is crossed.</summary>
    internal static double BreakEven(IReadOnlyList<BenchRow> sweep, double speedup)
    {
        double[] times = Rising([.. sweep.Select(row => 1 / row.SpeedupVsDense!.Value)]);
        double known = 0, knownTime = 0;
        for (int i = 0; i < times.Length; i++)
        {
            // Times grow with density in about a straight line.
            double density = sweep[i].Density!.Value;
            if (times[i] * speedup > 1)
                return known + (density - known) * (1 / speedup - knownTime) / (times[i] - knownTime);
            (known, knownTime) = (density, times[i]);
        }

        return 1;
    }

    /// <summary>
    /// The rising numbers nearest to some: those that fall are replaced by their mean. More spikes never take less time, so a fall is an
    /// error of measurement, and the mean has less of it.
    /// </summary>
    internal static double[] Rising(double[] values)
    {
        List<(double Sum, int Count)> steps = [];
        foreach (double value in values)
        {
            (double Sum, int Count) step = (value, 1);
            while (steps.Count > 0 && steps[^1].Sum / steps[^1].Count > step.Sum / step.Count)
            {
                step = (step.Sum + steps[^1].Sum, step.Count + steps[^1].Count);
                steps.RemoveAt(steps.Count - 1);
            }

            steps.Add(step);
        }

        return [.. steps.SelectMany(step => Enumerable.Repeat(step.Sum / step.Count, step.Count))];
    }

    private static CrossoverPoint Point(BenchRow row) => new(
        WeightTypes.All.First(weight => weight.Name == row.Weight).Type,
        row.M!.Value, row.K!.Value, row.N!.Value, row.Levels!.Value, row.Threads, row.AccumulateUpTo ?? row.BreakEven!.Value,
        row.Spikes == BenchContext.Binary);

    /// <summary>Runs every way with every type of weight until the compiler has settled: a sweep is too short to wait for that each time.</summary>
    private static void Settle(BenchContext context)
    {
        Tensor weight = BenchContext.Normal("weight", 192, 128), spikes = BenchContext.Spikes(4, 0.3, 8, 128);
        Tensor binary = BenchContext.Spikes(1, 0.3, 128, 128, isBinary: true);
        float[] x = BenchContext.Spikes(4, 0.3, 1, 128).ToArray();
        SpikeEvents[] events = [.. s_signed.Select(each => new SpikeEvents(x.Length, each.Levels))];
        (SpikeCase Many, InputMajorWeight One)[] cases =
            [.. WeightTypes.All.Select(each => (new SpikeCase(weight, each.Type), InputMajorWeight.From(weight, each.Type)))];
        float[] y = new float[weight.Rows];
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_settling;)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            foreach ((SpikeCase many, InputMajorWeight one) in cases)
            {
                using Workspace.Scope scope = context.Workspace.Open();
                many.RunDense(spikes, levels: 4);
                many.Run(spikes, levels: 4, SpikePath.Dense);
                many.Run(spikes, levels: 4, SpikePath.Accumulate);
                many.Run(binary, levels: 1, SpikePath.Accumulate);
                foreach (SpikeEvents each in events)
                {
                    each.Fire(x, threshold: 1f);
                    one.Accumulate(each, y);
                    one.Multiply(x, y);
                }
            }
        }
    }

    private static Func<Tensor, int, (Rounds Dense, Rounds Spike)> Many(BenchContext context, Tensor weight, StorageType type)
    {
        SpikeCase product = new(weight, type);
        return (spikes, levels) =>
        {
            Rounds[] rounds = Rounds.InTurns(
                s_budget, TimeSpan.Zero, context.Cancellation,
                context.Scoped(() => product.RunDense(spikes, levels)), context.Scoped(() => product.Run(spikes, levels, SpikePath.Accumulate)));
            return (rounds[0], rounds[1]);
        };
    }

    private static Func<Tensor, int, (Rounds Dense, Rounds Spike)> One(BenchContext context, Tensor weight, StorageType type)
    {
        VectorCase product = new(weight, type, PoolBytes);
        return (spikes, levels) =>
        {
            float[] x = spikes.ToArray();
            SpikeEvents events = new(x.Length, levels);
            Rounds[] rounds = Rounds.InTurns(
                s_budget, TimeSpan.Zero, context.Cancellation, () => product.Multiply(x), () => product.Accumulate(x, events));
            return (rounds[0], rounds[1]);
        };
    }
}
