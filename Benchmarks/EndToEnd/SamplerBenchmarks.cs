using BenchmarkDotNet.Attributes;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Benchmarks.EndToEnd;

/// <summary>One token chosen from the logits of a published model's vocabulary.</summary>
public class SamplerBenchmarks
{
    private const int VocabSize = 50_288;

    private readonly Sampler _greedy = new(new SamplingOptions { Temperature = 0f });
    private readonly Sampler _topK = new(new SamplingOptions { TopK = 40 });
    private readonly Sampler _topP = new(new SamplingOptions { TopK = 0, TopP = 0.9f });
    private float[] _logits = [];

    /// <summary>Logits that spread about as those of a trained model do.</summary>
    [GlobalSetup]
    public void Setup()
    {
        SeededRandom random = new(1, "logits");
        _logits = [.. Enumerable.Range(0, VocabSize).Select(_ => 3f * random.NextNormal())];
    }

    /// <summary>The most likely token.</summary>
    [Benchmark(Baseline = true)]
    [AllocationLimit(0)]
    public int Greedy() => _greedy.Next(_logits);

    /// <summary>One of the 40 most likely.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public int TopK() => _topK.Next(_logits);

    /// <summary>One of those that have 0.9 of the probability.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public int TopP() => _topP.Next(_logits);
}
