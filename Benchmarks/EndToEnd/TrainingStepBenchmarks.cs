using BenchmarkDotNet.Attributes;
using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Benchmarks.EndToEnd;

/// <summary>One training step, forward, backward, clipping and AdamW, with what it allocates.</summary>
public class TrainingStepBenchmarks
{
    private const int Batch = 8;
    private const int Length = 128;
    private const int Vocabulary = 2048;

    private readonly Workspace _workspace = new();
    private LanguageModelObjective? _objective;
    private AdamW? _optimizer;

    /// <summary>Number of blocks; width 256.</summary>
    [Params(4, 24)]
    public int Layers { get; set; }

    /// <summary>A model with random weights and random text.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Mamba2Config config = new()
        {
            VocabSize = Vocabulary, DModel = 256, LayerCount = Layers, DState = 16, HeadDim = 32, ChunkSize = 32,
        };
        Mamba2LanguageModel model = new(config, ParameterStore.Random(seed: 1));
        SeededRandom random = new(1, "tokens");
        int[] tokens = [.. Enumerable.Range(0, 2 * Batch * Length).Select(_ => random.NextInt(Vocabulary))];
        _objective = new LanguageModelObjective(model, new TokenBatches(new TokenList(tokens), Batch, Length, seed: 1));
        _optimizer = new AdamW(_objective.Parameters);
    }

    /// <summary>One step.</summary>
    [Benchmark]
    [AllocationLimit(64 * 1024)]
    public float Step()
    {
        using Workspace.Scope scope = _workspace.Open();
        _objective!.Parameters.ZeroGrad();
        _objective.Next();
        using Tape tape = Tape.Begin();
        Tensor loss = _objective.Loss();
        tape.Backward(loss);
        GradientClipping.Clip(_objective.Parameters, 1f);
        _optimizer!.Step(1e-3f);
        return loss.Item();
    }
}
