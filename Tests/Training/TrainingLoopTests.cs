using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training;

public class TrainingLoopTests
{
    private static readonly TrainingOptions s_options = new() { Steps = 60, BatchSize = 4, SequenceLength = 24, LearningRate = 2e-2f };

    [Fact]
    public void ATeacherLearnsATextThatRepeats()
    {
        int[] period = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7];   // the token before does not tell the next one
        int[] text = [.. Enumerable.Range(0, 600).Select(i => period[i % period.Length])];
        Mamba2LanguageModel model = TinyModels.Dense(TinyModels.Config with { VocabSize = 16, DModel = 32, DState = 8 });
        List<double> losses = [];

        TrainingResult result = Run(new LanguageModelObjective(model), text, new Progress(p => losses.Add(p.Loss)));

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
        Assert.Throws<TrainingDivergedException>(() => Run(new LanguageModelObjective(model), TinyModels.Tokens(300, 70)));
        Assert.Equal(before, TinyModels.Values(model));
    }

    [Fact]
    public void CancellationStopsBetweenSteps()
    {
        using CancellationTokenSource source = new();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Run(
            new LanguageModelObjective(TinyModels.Dense()),
            TinyModels.Tokens(300, 70),
            new Progress(_ =>
            {
                if (++steps == 3)
                    source.Cancel();
            }),
            source.Token));
        Assert.Equal(3, steps);
    }

    [Fact]
    public void FrozenParametersKeepTheirValuesAndGetNoGradient()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        Parameter frozen = model.Blocks[0].Mixer.InProj.Weight;
        frozen.Trainable = false;
        float[] before = frozen.Values.ToArray();
        new TrainingLoop(s_options with { Steps = 2 }, new LanguageModelObjective(model), TinyModels.Tokens(300, 70))
            .Run(budget: null, progress: null, CancellationToken.None);

        Assert.Equal(before, frozen.Values.ToArray());
        Assert.False(frozen.HasGrad);
    }

    [Fact]
    public void TheRateRisesToItsPeakAndFallsAndNoStepIsIdle()
    {
        List<double> rates = [];
        TrainingOptions options = s_options with { Steps = 20, WarmupShare = 0.25, LearningRate = 1e-3f };
        new TrainingLoop(options, new LanguageModelObjective(TinyModels.Dense()), TinyModels.Tokens(300, 70))
            .Run(budget: null, new Collector(rates), CancellationToken.None);

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
        new TrainingLoop(s_options with { Steps = 1 }, new LanguageModelObjective(model), TinyModels.Tokens(300, 70))
            .Run(budget: null, progress: null, CancellationToken.None);
        Assert.NotEqual(before, model.LmHead.Values.ToArray());
    }

    private sealed class Collector(List<double> rates) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => rates.Add(value.LearningRate);
    }

    [Fact]
    public void AShortBudgetLowersTheNumberOfSteps()
    {
        TrainingResult result = new TrainingLoop(s_options with { Steps = 100_000 }, new LanguageModelObjective(TinyModels.Dense()), TinyModels.Tokens(300, 70))
            .Run(TimeSpan.FromSeconds(0.5), progress: null, CancellationToken.None);
        Assert.InRange(result.Steps, 1, 50_000);
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 20);
    }

    private static TrainingResult Run(
        Objective objective, int[] text, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        new TrainingLoop(s_options, objective, text).Run(budget: null, progress, cancellation);

    /// <summary>Reports at once, on the same thread.</summary>
    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
