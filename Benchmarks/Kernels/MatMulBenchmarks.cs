using BenchmarkDotNet.Attributes;

namespace SpikeEngine.Benchmarks.Kernels;

/// <summary>y = x Wᵀ on all threads, packing included: the shapes of a training step.</summary>
public class MatMulBenchmarks
{
    private Tensor _x = new(1, 1);
    private Tensor _weight = new(1, 1);
    private readonly Workspace _workspace = new();

    /// <summary>Rows x inputs x outputs.</summary>
    [Params("1024x1024x1024", "512x768x3352", "2048x256x1072", "2048x256x2048")]
    public string Shape { get; set; } = "";

    /// <summary>Random operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Shape.Split('x').Select(s => int.Parse(s, System.Globalization.CultureInfo.InvariantCulture))];
        _x = Random(sizes[0], sizes[1]);
        _weight = Random(sizes[2], sizes[1]);
    }

    /// <summary>One product.</summary>
    [Benchmark]
    public float Linear()
    {
        using Workspace.Scope scope = _workspace.Open();
        return Ops.Linear(_x, _weight).Values[0];
    }

    private static Tensor Random(int rows, int columns)
    {
        Tensor tensor = new(rows, columns);
        SeededRandom random = new(1, $"{rows}x{columns}");
        foreach (ref float value in tensor.Values)
            value = random.NextFloat() - 0.5f;
        return tensor;
    }
}
