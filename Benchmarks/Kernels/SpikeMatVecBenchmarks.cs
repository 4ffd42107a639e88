using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using SpikeEngine.Kernels;

namespace SpikeEngine.Benchmarks.Kernels;

/// <summary>
/// One token through one projection: every weight multiplied and added (the baseline), or the weights of active inputs
/// added. Several copies of the weight are used in turn, as the layers of a model are, so that they come from beyond the
/// second-level cache.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams)]
[IterationTime(200)]
public class SpikeMatVecBenchmarks
{
    private const int Copies = 8;
    private const int Levels = 4;

    private readonly InputMajorWeight[] _weights = new InputMajorWeight[Copies];
    private float[] _x = [];
    private float[] _y = [];
    private SpikeEvents _events = new(1, Levels);
    private int _turn;

    /// <summary>Inputs x outputs: the projections of the quickstart's model, and of mamba2-130m.</summary>
    [Params("256x1072", "512x256", "768x3352", "1536x768")]
    public string Shape { get; set; } = "";

    /// <summary>Share of inputs that spike.</summary>
    [Params(0.1, 0.2, 0.4, 0.6)]
    public double Density { get; set; }

    /// <summary>Random weights, and random spikes of which a fifth have level 2.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Shape.Split('x').Select(s => int.Parse(s, System.Globalization.CultureInfo.InvariantCulture))];
        SeededRandom random = new(1, Shape);
        for (int copy = 0; copy < Copies; copy++)
            _weights[copy] = InputMajorWeight.From(Tensor.RandomNormal(random, sizes[1], sizes[0]));

        _x = new float[sizes[0]];
        foreach (ref float x in _x.AsSpan())
            x = random.NextFloat() < Density ? (random.NextInt(2) * 2 - 1) * (random.NextInt(5) == 0 ? 2f : 1f) : 0f;
        _y = new float[sizes[1]];
        _events = new SpikeEvents(sizes[0], Levels);
    }

    /// <summary>Multiply and add.</summary>
    [Benchmark(Baseline = true)]
    public void Dense() => NextWeight().Multiply(_x, _y);

    /// <summary>Sort the spikes and accumulate.</summary>
    [Benchmark]
    public void Spikes()
    {
        _events.Fire(_x, threshold: 1f);
        NextWeight().Accumulate(_events, _y);
    }

    private InputMajorWeight NextWeight() => _weights[_turn = (_turn + 1) % Copies];
}
