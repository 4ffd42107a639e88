using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training;

public class TrainerTests
{
    private static readonly TrainerOptions s_options = new() { Steps = 60, LearningRate = 2e-2f };

    [Fact]
    public void ATeacherLearnsATextThatRepeats()
    {
        int[] period = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7];   // the token before does not tell the next one
        int[] text = [.. Enumerable.Range(0, 600).Select(i => period[i % period.Length])];
        Mamba2LanguageModel model = TinyModels.Dense(TinyModels.Config with { VocabSize = 16, DModel = 32, DState = 8 });
        List<double> losses = [];

        TrainingResult result = Run(model, s_options, p => losses.Add(p.Loss), text);

        Assert.InRange(losses[0], 2.5, 3.1);   // ln 16 is 2.77
        Assert.InRange(losses[^1], 0, 0.3);
        Assert.Equal(60, result.Steps);
        Assert.Equal(60 * 4 * 24, result.Tokens);
        Assert.Equal(0, result.SkippedSteps);
    }

    [Fact]
    public void AStepThatIsNotFiniteChangesNothingAndTenInARowStop()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        model.NormF.Weight.Values[0] = float.NaN;
        float[][] before = TinyModels.Values(model);
        Assert.Throws<TrainingDivergedException>(() => Run(model, s_options));
        Assert.Equal(before, TinyModels.Values(model));
    }

    /// <summary>Two micro-batches of two sequences are the batch of the same four.</summary>
    [Fact]
    public void AccumulatedGradientsAreThoseOfTheLargeBatch()
    {
        (float[][] large, TrainingProgress ofLarge) = Gradients(batch: 4, microBatches: 1);
        (float[][] small, TrainingProgress ofSmall) = Gradients(batch: 2, microBatches: 2);
        Assert.Equal(ofLarge.Tokens, ofSmall.Tokens);
        Assert.Equal(ofLarge.Loss, ofSmall.Loss, 1e-5);
        Assert.Equal(ofLarge.GradientNorm, ofSmall.GradientNorm, 1e-5);
        double most = large.Max(gradient => gradient.Max(Math.Abs));
        for (int i = 0; i < large.Length; i++)
            Assert.All(large[i].Zip(small[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * most));

        static (float[][] Gradients, TrainingProgress Progress) Gradients(int batch, int microBatches)
        {
            Mamba2LanguageModel model = TinyModels.Dense();
            TrainingProgress? last = null;
            TinyModels.Train(
                new LanguageModelObjective(model, TinyModels.Batches(model.Config, batch, length: 24)),
                new TrainerOptions { Steps = 1, LearningRate = 1e-3f, MicroBatches = microBatches, ClipNorm = float.PositiveInfinity },
                p => last = p);
            return ([.. model.Parameters().Select(p => p.Grad.ToArray())], last!);
        }
    }

    /// <summary>Blocks that are run again in the backward pass give the same bits, and count their spikes once.</summary>
    [Fact]
    public void ActivationCheckpointsChangeNothing()
    {
        (List<string> progress, float[][] values) plain = Spiking(checkpointBlocks: false), again = Spiking(checkpointBlocks: true);
        Assert.Equal(plain.progress, again.progress);
        Assert.Equal(plain.values, again.values);
        Assert.Contains("spike_rate 0.", plain.progress[0], StringComparison.Ordinal);

        static (List<string>, float[][]) Spiking(bool checkpointBlocks)
        {
            Mamba2LanguageModel model = TinyModels.Student(TinyModels.Dense());
            model.CheckpointBlocks = checkpointBlocks;
            List<string> progress = [];
            TinyModels.Train(
                new LanguageModelObjective(model, TinyModels.Batches(model.Config, batch: 2, length: 24)),
                new TrainerOptions { Steps = 3, LearningRate = 1e-2f, MicroBatches = 2 },
                p => progress.Add(FormattableString.Invariant($"{p.Loss:R} {p.GradientNorm:R} {string.Join(' ', p.Metrics.Select(m => $"{m.Key} {m.Value:R}"))}")));
            return (progress, TinyModels.Values(model));
        }
    }

    [Fact]
    public void CancellationStopsBetweenSteps()
    {
        using CancellationTokenSource source = new();
        int steps = 0;
        TrainingResult result = Run(
            TinyModels.Dense(),
            s_options,
            _ =>
            {
                if (++steps == 3)
                    source.Cancel();
            },
            cancellation: source.Token);
        Assert.True(result.Interrupted);
        Assert.Equal(3, result.Steps);
        Assert.Equal(3, steps);
    }

    [Fact]
    public void FrozenParametersKeepTheirValuesAndGetNoGradient()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        Parameter frozen = model.Blocks[0].Mixer.InProj.Weight;
        frozen.Trainable = false;
        float[] before = frozen.Values.ToArray();
        Run(model, s_options with { Steps = 2 });

        Assert.Equal(before, frozen.Values.ToArray());
        Assert.False(frozen.HasGrad);
    }

    [Fact]
    public void TheRateRisesToItsPeakAndFallsAndNoStepIsIdle()
    {
        List<double> rates = [];
        Run(TinyModels.Dense(), s_options with { Steps = 20, WarmupShare = 0.25, LearningRate = 1e-3f }, p => rates.Add(p.LearningRate));

        Assert.Equal(20, rates.Count);
        Assert.Equal(1e-3, rates.Max(), 1e-9);
        Assert.Equal(4, rates.IndexOf(rates.Max()));
        Assert.Equal(rates.Take(5).Order(), rates.Take(5));
        Assert.Equal(rates.Skip(4).OrderDescending(), rates.Skip(4));
        Assert.All(rates, rate => Assert.True(rate > 0));
    }

    [Fact]
    public void ASingleStepTrains()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        float[] before = model.LmHead.Values.ToArray();
        Run(model, s_options with { Steps = 1 });
        Assert.NotEqual(before, model.LmHead.Values.ToArray());
    }

    [Fact]
    public void AShortBudgetLowersTheNumberOfSteps()
    {
        TrainingResult result = Run(TinyModels.Dense(), s_options with { Steps = 100_000, Budget = TimeSpan.FromSeconds(0.5) });
        Assert.False(result.Interrupted);
        Assert.InRange(result.Steps, 1, 50_000);
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void OptionsAreCheckedByName()
    {
        foreach ((TrainerOptions options, string message) in new (TrainerOptions, string)[]
        {
            (s_options with { Steps = 0 }, "Steps is 0"), (s_options with { LearningRate = float.NaN }, "LearningRate is NaN"),
            (s_options with { MicroBatches = 0 }, "MicroBatches is 0"), (s_options with { ClipNorm = 0 }, "ClipNorm is 0"),
            (s_options with { WarmupShare = 1 }, "WarmupShare is 1"), (s_options with { FinalRateShare = 2 }, "FinalRateShare is 2"),
            (s_options with { MostSkippedInARow = 0 }, "MostSkippedInARow is 0"), (s_options with { CheckpointSteps = -1 }, "CheckpointSteps is -1"),
            (s_options with { CheckpointTime = TimeSpan.Zero }, "CheckpointTime is 00:00:00"), (s_options with { ValidationSteps = -1 }, "ValidationSteps is -1"),
        })
            Assert.Contains(message, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private static TrainingResult Run(
        Mamba2LanguageModel model, TrainerOptions options, Action<TrainingProgress>? observe = null, int[]? text = null, CancellationToken cancellation = default)
    {
        TokenBatches batches = new(new TokenList(text ?? TinyModels.Tokens(300, 70)), batchSize: 4, length: 24, seed: 1);
        return TinyModels.Train(new LanguageModelObjective(model, batches), options, observe, cancellation);
    }
}
