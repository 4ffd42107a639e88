using BenchmarkDotNet.Attributes;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Benchmarks.EndToEnd;

/// <summary>
/// One decoded token of a whole model with random weights, dense and spiking. Random weights spike at the rate of
/// Gaussian inputs, about 0.6, which is more than a trained model does.
/// </summary>
public class DecodeBenchmarks
{
    private DecoderSession? _dense;
    private DecoderSession? _spiking;
    private int _token;

    /// <summary>Width of the model; four layers, vocabulary 2,048.</summary>
    [Params(256, 768)]
    public int DModel { get; set; }

    /// <summary>Both models, from the same weights.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Mamba2Config config = new() { VocabSize = 2048, DModel = DModel, LayerCount = 4, DState = 16, HeadDim = 32, ChunkSize = 32 };
        Mamba2LanguageModel model = new(config, ParameterStore.Random(seed: 1));
        _dense = new Mamba2Decoder(model).NewSession();
        _spiking = new Mamba2Decoder(model.ToSpikingStudent(new SpikingConfig())).NewSession();
    }

    /// <summary>Every weight multiplied and added.</summary>
    [Benchmark(Baseline = true)]
    [AllocationLimit(0)]
    public float Dense() => _dense!.Step(_token++ % 2048)[0];

    /// <summary>Projections accumulate spikes.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public float Spiking() => _spiking!.Step(_token++ % 2048)[0];
}
