using System.Diagnostics;
using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>The measurements behind <c>spike bench</c>. Each uses as many threads as are set when it is called.</summary>
internal sealed class Benches
{
    // What the compiler needs at most to settle on the code of the products.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1);

    private const long SmallFlops = 100_000_000;   // below which a product is repeated: alone it would find every cache and predictor cold
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(250);
    private static readonly double[] s_densities = [0.05, 0.1, 0.2, 0.3, 0.5];
    private static readonly int[] s_levels = [1, 4];
    private static readonly (StorageType Type, string Name)[] s_weights =
        [(StorageType.Float32, "f32"), (StorageType.BFloat16, "bf16"), (StorageType.Float16, "f16"), (StorageType.Int8, "int8")];

    private static readonly (int M, int K, int N)[] s_products = [(64, 64, 256), (256, 128, 64), (512, 768, 3352), (1024, 1024, 1024)];
    private static readonly (int M, int K, int N)[] s_vectors = [(1, 768, 3352), (1, 2048, 8512), (1, 768, 50288)];
    private static readonly (int M, int K, int N)[] s_spikes = [(512, 768, 3352), (512, 2048, 8512)];

    private readonly Workspace _workspace = new();
    private readonly CancellationToken _cancellation;
    private double _mulAddFlops;   // in each of the rounds that take turns with products

    private bool _isSettled;
    private ScanBench? _scan;

    /// <summary>Benches that stop between two rounds when they are cancelled.</summary>
    public Benches(CancellationToken cancellation) => _cancellation = cancellation;

    /// <summary>How many rows the part of that name yields, for progress.</summary>
    public static int PeakRows => 2;

    /// <inheritdoc cref="PeakRows"/>
    public static int GemmRows => s_products.Length;

    /// <inheritdoc cref="PeakRows"/>
    public static int GemvRows => s_vectors.Length * s_weights.Length;

    /// <inheritdoc cref="PeakRows"/>
    public static int SpikeRows => 2 * s_spikes.Length * s_levels.Length * s_densities.Length;

    /// <inheritdoc cref="PeakRows"/>
    public static int SpikeVectorRows => s_levels.Length * s_densities.Length;

    /// <summary>The selective scan and what memory bounds.</summary>
    public IEnumerable<BenchRow> Scan() => (_scan ??= new ScanBench(ScanBenchPlan.Default, _workspace, _cancellation)).Rows();

    /// <summary>Products of matrices, weights packed on the way.</summary>
    public IEnumerable<BenchRow> Gemm()
    {
        foreach ((int M, int K, int N) shape in s_products)
        {
            Tensor x = Normal("x", shape.M, shape.K), weight = Normal("weight", shape.N, shape.K);
            int repeats = (int)Math.Max(1, SmallFlops / (2L * shape.M * shape.K * shape.N));
            Rounds[] rounds = Measure(repeats, () => Ops.Linear(x, weight));
            yield return Dense(rounds[0].Each(repeats), shape, rounds[^1]);
        }
    }

    /// <summary>Products with one vector, for each way of storing the weights: bound by reading them.</summary>
    public IEnumerable<BenchRow> Gemv(MachinePeak peak)
    {
        foreach ((int M, int K, int N) shape in s_vectors)
        {
            Tensor x = Normal("x", 1, shape.K), weight = Normal("weight", shape.N, shape.K);
            foreach ((StorageType type, string name) in s_weights)
            {
                var stored = StoredTensor.From(weight, type);
                Rounds rounds = Measure(1, type == StorageType.Float32 ? () => Ops.Linear(x, weight) : () => Ops.Linear(x, stored))[0];
                double gbs = stored.Bytes / rounds.Median / 1e9;
                yield return rounds.Row("gemv", shape) with { Weight = name, Gbs = gbs, OfPeak = gbs / peak.ReadGBytesPerSecond };
            }
        }
    }

    /// <summary>Products of many spike vectors, in turns with the dense product of the same values.</summary>
    public IEnumerable<BenchRow> Spike()
    {
        foreach ((int M, int K, int N) shape in s_spikes)
        {
            Tensor weight = Normal("weight", shape.N, shape.K);
            TimeSpan warmUp = Rounds.WarmUp;   // of the first density; the others run the same code
            foreach (int levels in s_levels)
            {
                foreach (double density in s_densities)
                {
                    Tensor spikes = Spikes(levels, density, shape.M, shape.K);
                    Rounds[] rounds = Measure(warmUp, 1, () => Ops.Linear(spikes, weight), () => Ops.SpikeLinear(spikes, weight, levels: levels));
                    warmUp = TimeSpan.Zero;
                    yield return Dense(rounds[0], shape, rounds[^1]) with { Density = density, Levels = levels };
                    yield return rounds[1].Row("spike", shape) with
                    {
                        Weight = "f32",
                        Density = density,
                        Levels = levels,
                        Gflops = density * shape.M * shape.K * shape.N / rounds[1].Median / 1e9,
                        SpeedupVsDense = rounds[0].Median / rounds[1].Median,
                    };
                }
            }
        }
    }

    /// <summary>One vector of spikes, encoded anew each time, in turns with the dense product of decoding; one thread, weights from memory.</summary>
    public IEnumerable<BenchRow> SpikeVector()
    {
        const int PoolFloats = 1 << 26;   // 256 MB: more than a cache holds
        (int M, int K, int N) shape = (1, 2048, 8512);
        int size = shape.K * shape.N, count = Math.Max(1, PoolFloats / size), next = 0;
        Memory<float> pool = AlignedMemory.Allocate(count * size);
        Tensor weight = Normal("weight", shape.N, shape.K);
        for (int i = 0; i < count; i++)
            weight.Values.CopyTo(pool.Span.Slice(i * size, size));
        float[] y = new float[shape.N];
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in s_levels)
        {
            SpikeEvents events = new(shape.K, levels);
            foreach (double density in s_densities)
            {
                float[] x = Spikes(levels, density, shape.M, shape.K).ToArray();
                Rounds[] rounds = Rounds.InTurns(
                    s_budget, warmUp, _cancellation,
                    () => Simd.Run(new MatVec { Tiles = Weight(), X = x, Y = y }),
                    () =>
                    {
                        events.Fire(x, threshold: 1f);
                        Simd.Run(new SpikeMatVec { Tiles = Weight(), Inputs = shape.K, Indices = events.Indices, Ends = events.Ends, Y = y });
                    });
                warmUp = TimeSpan.Zero;
                yield return rounds[1].Row("spike", shape) with
                {
                    Threads = 1,
                    Weight = "f32",
                    Density = density,
                    Levels = levels,
                    Gflops = density * size / rounds[1].Median / 1e9,
                    SpeedupVsDense = rounds[0].Median / rounds[1].Median,
                };
            }
        }

        ReadOnlySpan<float> Weight() => pool.Span.Slice(next++ % count * size, size);
    }

    /// <summary>The yardsticks as rows.</summary>
    public static IEnumerable<BenchRow> Peak(MachinePeak peak)
    {
        yield return new BenchRow { Kernel = "peak", Threads = peak.Threads, Gflops = peak.GFlopsPerSecond };
        yield return new BenchRow { Kernel = "read", Threads = peak.Threads, Gbs = peak.ReadGBytesPerSecond };
    }

    /// <summary>A row of a dense product, against the multiply-adds that took turns with it.</summary>
    private BenchRow Dense(Rounds rounds, (int M, int K, int N) shape, Rounds mulAdds)
    {
        double gflops = 2.0 * shape.M * shape.K * shape.N / rounds.Median / 1e9, peak = _mulAddFlops / mulAdds.Median / 1e9;
        return rounds.Row("dense", shape) with { Weight = "f32", Gflops = gflops, OfPeak = gflops / peak };
    }

    /// <summary>Times of products, each repeated some times, and last those of nothing but multiply-adds, all in turns.</summary>
    private Rounds[] Measure(int repeats, params Func<Tensor>[] products) => Measure(Rounds.WarmUp, repeats, products);

    private Rounds[] Measure(TimeSpan warmUp, int repeats, params Func<Tensor>[] products)
    {
        Settle();
        IEnumerable<Action> actions = products.Select(product => (Action)(() =>
        {
            for (int i = 0; i < repeats; i++)
            {
                using Workspace.Scope scope = _workspace.Open();
                product();
            }
        }));
        return Rounds.InTurns(s_budget, warmUp, _cancellation, [.. actions, () => _mulAddFlops = MachinePeak.RunMulAdds()]);
    }

    /// <summary>Runs products until their code has been compiled to the end; once is enough.</summary>
    private void Settle()
    {
        if (_isSettled)
            return;
        _isSettled = true;
        Tensor x = Spikes(4, 0.3, 96, 256), weight = Normal("weight", 256, 256);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_settling;)
        {
            _cancellation.ThrowIfCancellationRequested();
            using Workspace.Scope scope = _workspace.Open();
            Ops.Linear(x, weight);
            Ops.Linear(x.SliceRows(0, 1), weight);
            Ops.SpikeLinear(x, weight);
        }
    }

    private static Tensor Normal(string name, int rows, int columns) => Tensor.RandomNormal(new SeededRandom(1, name), rows, columns);

    private static Tensor Spikes(int levels, double density, int rows, int columns)
    {
        SeededRandom random = new(1, "spikes");
        Tensor spikes = Tensor.Zeros(rows, columns);
        foreach (ref float spike in spikes.Values)
        {
            if (random.NextFloat() < density)
                spike = (1 + random.NextInt(levels)) * (random.NextInt(2) == 0 ? 1 : -1);
        }

        return spikes;
    }
}
