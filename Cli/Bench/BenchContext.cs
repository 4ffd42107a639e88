using System.Diagnostics;

namespace SpikeEngine.Cli.Bench;

/// <summary>What the benches of products share: how they are timed, in turns with their yardstick, and what they multiply.</summary>
internal sealed class BenchContext(CancellationToken cancellation)
{
    // What the compiler needs at most to settle on the code of the products.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1);

    private double _operations;   // in each of the rounds of the yardstick
    private bool _isSettled;

    /// <summary>About how long all rounds of one measurement take.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    /// <summary>Where results live.</summary>
    public Workspace Workspace { get; } = new();

    /// <summary>Stops between two rounds.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Times of products, each repeated some times, and last those of a yardstick, all in turns.</summary>
    /// <param name="warmUp">How long each runs before.</param>
    /// <param name="repeats">Of each product in a round.</param>
    /// <param name="yardstick">Does as much as can be done, and returns how much that was.</param>
    /// <param name="products">What is measured.</param>
    public Rounds[] Measure(TimeSpan warmUp, int repeats, Func<double> yardstick, params Func<Tensor>[] products)
    {
        Settle();
        IEnumerable<Action> actions = products.Select(product => (Action)(() =>
        {
            for (int i = 0; i < repeats; i++)
            {
                using Workspace.Scope scope = Workspace.Open();
                product();
            }
        }));
        return Rounds.InTurns(Budget, warmUp, cancellation, [.. actions, () => _operations = yardstick()]);
    }

    /// <summary>Work whose result is not kept.</summary>
    public Action Scoped(Func<Tensor> run) => () =>
    {
        using Workspace.Scope scope = Workspace.Open();
        run();
    };

    /// <summary>A row of a dense product, against the yardstick that took turns with it.</summary>
    public BenchRow Dense(string kernel, Rounds rounds, (int M, int K, int N) shape, string weight, Rounds yardstick) =>
        Counted(kernel, rounds, shape, 2.0 * shape.M * shape.K * shape.N, yardstick) with { Weight = weight };

    /// <summary>A row of work whose operations are known, against the yardstick that ran in turns with it.</summary>
    public BenchRow Counted(string kernel, Rounds rounds, (int M, int K, int N) shape, double flops, Rounds yardstick)
    {
        double gflops = flops / rounds.Median / 1e9, peak = _operations / yardstick.Median / 1e9;
        return rounds.Row(kernel, shape) with { Gflops = gflops, OfPeak = gflops / peak };
    }

    /// <summary>What rows of spikes without negative ones are marked with.</summary>
    public const string Binary = "binary";

    /// <summary>A row of a product of spikes, against the dense product that took turns with it.</summary>
    public static BenchRow Spike(Rounds rounds, Rounds dense, (int M, int K, int N) shape, string weight, int levels, double density, bool isBinary = false) =>
        rounds.Row("spike", shape) with
        {
            Spikes = isBinary ? Binary : null,
            Weight = weight,
            Density = density,
            Levels = levels,
            Gflops = density * shape.M * shape.K * shape.N / rounds.Median / 1e9,
            SpeedupVsDense = dense.Median / rounds.Median,
        };

    /// <summary>Normal numbers.</summary>
    public static Tensor Normal(string name, int rows, int columns) => Tensor.RandomNormal(new SeededRandom(1, name), rows, columns);

    /// <summary>Spikes of which a share is not 0, all levels alike, and both signs where they are not binary.</summary>
    public static Tensor Spikes(int levels, double density, int rows, int columns, bool isBinary = false)
    {
        SeededRandom random = new(1, "spikes");
        Tensor spikes = Tensor.Zeros(rows, columns);
        foreach (ref float spike in spikes.Values)
        {
            if (random.NextFloat() < density)
                spike = (1 + random.NextInt(levels)) * (random.NextInt(2) == 0 || isBinary ? 1 : -1);
        }

        return spikes;
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
            cancellation.ThrowIfCancellationRequested();
            using Workspace.Scope scope = Workspace.Open();
            Ops.Linear(x, weight);
            Ops.SpikeLinear(x, weight, path: SpikePath.Accumulate);
        }
    }
}
