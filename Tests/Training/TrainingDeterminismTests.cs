using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training;

/// <summary>A whole training step has the same bits for any number of threads, and in every run.</summary>
[Collection(Lanes.Name)]
public class TrainingDeterminismTests
{
    [Fact]
    public void ATeachersStepDoesNotDependOnThreads() => AssertSameBits(() => new LanguageModelObjective(TinyModels.Dense()));

    [Fact]
    public void AStudentsStepDoesNotDependOnThreads() => AssertSameBits(() =>
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        return new DistillationObjective(teacher, TinyModels.Student(teacher, 0.25f), new DistillationOptions { CrossEntropyWeight = 0.5f });
    });

    [Fact]
    public void ATrainingRunDoesNotDependOnThreads()
    {
        float[][] Train()
        {
            Mamba2LanguageModel model = TinyModels.Dense();
            TrainingOptions options = new() { Steps = 4, BatchSize = 3, SequenceLength = 50, LearningRate = 1e-2f };
            new TrainingLoop(options, new LanguageModelObjective(model), TinyModels.Tokens(1_000, model.Config.VocabSize))
                .Run(budget: null, progress: null, CancellationToken.None);
            return TinyModels.Values(model);
        }

        float[][] one = Lanes.WithThreads(1, Train);
        foreach (int threads in new[] { 2, 3, 8 })
            Assert.Equal(one, Lanes.WithThreads(threads, Train));
    }

    private static void AssertSameBits(Func<Objective> make)
    {
        float[][] one = Lanes.WithThreads(1, () => Step(make()));
        Assert.True(one.Length > 10);
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            for (int run = 0; run < 2; run++)
                Assert.Equal(one, Lanes.WithThreads(threads, () => Step(make())));
        }
    }

    /// <summary>The loss, then every gradient.</summary>
    private static float[][] Step(Objective objective)
    {
        TokenBatch batch = TinyModels.Batch(TinyModels.Config, batch: 4, length: 60);
        using Workspace.Scope scope = new Workspace().Open();
        objective.Prepare(batch);
        using Tape tape = Tape.Begin();
        Tensor loss = objective.Loss(batch);
        tape.Backward(loss);
        return [loss.Values.ToArray(), .. objective.Parameters.Parameters.Select(p => p.Grad.ToArray())];
    }
}
