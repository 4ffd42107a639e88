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
    public void ATeachersStepDoesNotDependOnThreads() => AssertSameBits(() => new LanguageModelObjective(TinyModels.Dense(), Batches()));

    [Fact]
    public void AStudentsStepDoesNotDependOnThreads() => AssertSameBits(() =>
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        return new DistillationObjective(teacher, TinyModels.Student(teacher, 0.25f), Batches(), new DistillationOptions { CrossEntropyWeight = 0.5f });
    });

    [Fact]
    public void ATrainingRunDoesNotDependOnThreads()
    {
        float[][] Train()
        {
            Mamba2LanguageModel model = TinyModels.Dense();
            TokenBatches batches = TinyModels.Batches(model.Config, batch: 3, length: 50, tokens: 1_000);
            TinyModels.Train(new LanguageModelObjective(model, batches), new TrainerOptions { Steps = 4, LearningRate = 1e-2f });
            return TinyModels.Values(model);
        }

        float[][] one = Lanes.WithThreads(1, Train);
        foreach (int threads in new[] { 2, 3, 8 })
            Assert.Equal(one, Lanes.WithThreads(threads, Train));
    }

    private static TokenBatches Batches() => TinyModels.Batches(TinyModels.Config, batch: 4, length: 60);

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
        using Workspace.Scope scope = new Workspace().Open();
        objective.Next();
        using Tape tape = Tape.Begin();
        Tensor loss = objective.Loss();
        tape.Backward(loss);
        return [loss.Values.ToArray(), .. objective.Parameters.Parameters.Select(p => p.Grad.ToArray())];
    }
}
