using BenchmarkDotNet.Attributes;
using SpikeEngine.Benchmarks.Reports;

namespace SpikeEngine.Benchmarks.Kernels;

/// <summary>y = x Wᵀ on all threads, packing included: the shapes of a training step.</summary>
public class MatMulBenchmarks
{
    private readonly Workspace _workspace = new();
    private Tensor _x = new(1, 1);
    private Tensor _weight = new(1, 1);

    /// <summary>Rows x inputs x outputs.</summary>
    [Params("1024x1024x1024", "512x768x3352", "2048x256x1072", "2048x256x2048")]
    public string Shape { get; set; } = "";

    /// <summary>Random operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var shape = MatrixShape.Parse(Shape);
        _x = Tensor.RandomNormal(new SeededRandom(1, "x"), shape.Rows, shape.Inputs);
        _weight = Tensor.RandomNormal(new SeededRandom(1, "weight"), shape.Outputs, shape.Inputs);
    }

    /// <summary>One product.</summary>
    [Benchmark]
    [DenseProduct]
    public float Linear()
    {
        using Workspace.Scope scope = _workspace.Open();
        return Ops.Linear(_x, _weight).Values[0];
    }
}
