using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Reference;

/// <summary>Models that are quick to run and still large enough to be cut into pieces for several threads.</summary>
public static class TinyModels
{
    public static Mamba2Config Config { get; } = new()
    {
        VocabSize = 70, DModel = 40, LayerCount = 2, DState = 16, HeadDim = 16, ChunkSize = 16,
    };

    /// <summary>Every switch away from its default.</summary>
    public static Mamba2Config UnusualConfig { get; } = new()
    {
        VocabSize = 33, DModel = 24, LayerCount = 3, DState = 7, HeadDim = 6, GroupCount = 2, DConv = 3, ChunkSize = 5, NormEpsilon = 1e-3f,
        DtLimitLow = 0.001f, DtLimitHigh = 0.3f, TieEmbeddings = false, UseBias = true, UseConvBias = false, GroupedNorm = true,
    };

    public static Mamba2LanguageModel Dense(Mamba2Config? config = null, ulong seed = 1) => new(config ?? Config, ParameterStore.Random(seed));

    public static Mamba2LanguageModel Student(Mamba2LanguageModel teacher, float compensation = 0f) =>
        teacher.ToSpikingStudent(new SpikingConfig(), new SmoothedCompensation(CompensationForm.ValuePreserving) { Lambda = compensation });

    public static int[] Tokens(int count, int vocabSize)
    {
        SeededRandom random = new(2, "tokens");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(vocabSize))];
    }

    public static TokenBatch Batch(Mamba2Config config, int batch, int length) =>
        new(Tokens(batch * length, config.VocabSize), [.. Tokens(batch * length, config.VocabSize).Reverse()], batch);

    /// <summary>Batches of random tokens. Made with the same arguments again, the first is the same.</summary>
    public static TokenBatches Batches(Mamba2Config config, int batch, int length, int tokens = 500) =>
        new(new TokenList(Tokens(tokens, config.VocabSize)), batch, length, seed: 1);

    /// <summary>Trains with AdamW.</summary>
    public static TrainingResult Train(Objective objective, TrainerOptions options, Action<TrainingProgress>? observe = null, CancellationToken cancellation = default) =>
        new Trainer(options, objective, new AdamW(objective.Parameters)).Run(new StepObserver(observe ?? (_ => { })), cancellation);

    /// <summary>Copies of all values of a model.</summary>
    public static float[][] Values(Mamba2LanguageModel model) => [.. model.Parameters().Select(p => p.Values.ToArray())];
}

/// <summary>Calls back after every step.</summary>
public sealed class StepObserver(Action<TrainingProgress> stepped) : ITrainingObserver
{
    public void Stepped(TrainingProgress progress) => stepped(progress);
}
