using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using SpikeEngine.Benchmarks.Reports;

namespace SpikeEngine.Benchmarks.Kernels;

/// <summary>
/// Many tokens through one projection, the input projection of mamba2-130m: every weight multiplied and added (the baseline), or
/// the weights of active inputs added. Both get the same values and the same weights; packing and encoding included.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams)]
[IterationTime(200)]
public class SpikeMatMulBenchmarks
{
    private readonly Workspace _workspace = new();
    private Tensor _spikes = new(1, 1);
    private Tensor _weight = new(1, 1);

    /// <summary>One, and all there are.</summary>
    public static IEnumerable<int> ThreadCounts => [.. new[] { 1, RowParallel.Threads }.Distinct()];

    /// <summary>Rows x inputs x outputs.</summary>
    [Params("512x768x3352")]
    public string Shape { get; set; } = "";

    /// <summary>Threads in use.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    /// <summary>D; 1 for ternary spikes.</summary>
    [Params(1, 4)]
    public int D { get; set; }

    /// <summary>Share of inputs that spike.</summary>
    [Params(0.05, 0.1, 0.2, 0.3, 0.5)]
    public double Density { get; set; }

    /// <summary>Random weights, and random spikes of all levels alike.</summary>
    [GlobalSetup]
    public void Setup()
    {
        RowParallel.Threads = Threads;
        var shape = MatrixShape.Parse(Shape);
        _weight = Tensor.RandomNormal(new SeededRandom(1, "weight"), shape.Outputs, shape.Inputs);
        _spikes = Tensor.Zeros(shape.Rows, shape.Inputs);
        SeededRandom random = new(1, "spikes");
        foreach (ref float spike in _spikes.Values)
        {
            if (random.NextFloat() < Density)
                spike = (1 + random.NextInt(D)) * (random.NextInt(2) == 0 ? 1 : -1);
        }
    }

    /// <summary>Multiply and add.</summary>
    [Benchmark(Baseline = true)]
    [DenseProduct]
    public float Dense()
    {
        using Workspace.Scope scope = _workspace.Open();
        return Ops.Linear(_spikes, _weight).Values[0];
    }

    /// <summary>Encode the spikes and accumulate.</summary>
    [Benchmark]
    public float Spikes()
    {
        using Workspace.Scope scope = _workspace.Open();
        return Ops.SpikeLinear(_spikes, _weight, levels: D, path: SpikePath.Accumulate).Values[0];
    }
}
