using System.Diagnostics;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training;

/// <summary>
/// The training loop: forward, backward, clip, AdamW, under warm-up and cosine. A step whose loss or gradient is not
/// finite changes nothing and is counted.
/// </summary>
public sealed class TrainingLoop
{
    private const double Smoothing = 0.95;
    private const int MostSkippedInARow = 10;

    // The first steps wait for the compiler; the next ones tell how fast the rest will be.
    private const int WarmUpSteps = 8;
    private const int MeasuredSteps = 8;

    // Early on a hiccup looks like a slow machine, so a small excess is acted on only once this share is done.
    private const double EarlyShare = 0.25;
    private const double EarlyExcess = 1.2;

    private readonly TrainingOptions _options;
    private readonly Objective _objective;
    private readonly TokenBatches _batches;

    /// <summary>A loop over a stream of tokens.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or the text is too short.</exception>
    public TrainingLoop(TrainingOptions options, Objective objective, int[] tokens)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(objective);
        options.Validate();
        _options = options;
        _objective = objective;
        _batches = new TokenBatches(new TokenList(tokens), options.BatchSize, options.SequenceLength, options.Seed);
    }

    /// <summary>Runs it.</summary>
    /// <param name="budget">
    /// Time it may take. When the steps so far show that the planned number would take longer, it is lowered, and the
    /// schedule with it; one step is always done. A run that is not lowered, or has no budget, is the same on any machine.
    /// </param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss was not finite several times in a row.</exception>
    public TrainingResult Run(TimeSpan? budget, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        AdamW optimizer = new(_objective.Parameters, _options.Optimizer);
        Workspace workspace = new();
        StepClock clock = new(_options.BatchSize * _options.SequenceLength);
        double smoothed = double.NaN;
        int total = _options.Steps, skipped = 0, skippedInARow = 0;

        for (int step = 0; step < total; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (step > 0 && budget is { } time)
                total = StepsWithin(time, step, total, clock);
            if (step == total)
                break;

            float rate = _options.LearningRate * Schedule(total).Factor(step + 1);
            (double loss, double norm) = Step(workspace, optimizer, rate);
            bool finite = double.IsFinite(loss) && double.IsFinite(norm);
            skippedInARow = finite ? 0 : skippedInARow + 1;
            skipped += finite ? 0 : 1;
            if (skippedInARow == MostSkippedInARow)
                throw new TrainingDivergedException($"The loss or its gradient was not finite {MostSkippedInARow} times in a row, last at step {step + 1}.");
            if (finite)
                smoothed = double.IsNaN(smoothed) ? loss : Smoothing * smoothed + (1 - Smoothing) * loss;

            clock.Tick();
            progress?.Report(new TrainingProgress(
                step + 1, total, loss, smoothed, rate, norm, clock.TokensPerSecond, Remaining(budget, total - step - 1, clock)));
        }

        return new TrainingResult(total, (long)total * _options.BatchSize * _options.SequenceLength, smoothed, clock.Elapsed, skipped);
    }

    private int StepsWithin(TimeSpan budget, int step, int total, StepClock clock)
    {
        if (clock.Elapsed >= budget)
            return step;
        if (step < WarmUpSteps + MeasuredSteps || step % MeasuredSteps != 0)
            return total;

        int affordable = step + (int)((budget - clock.Elapsed) / clock.MeanStep);
        double tolerated = step < EarlyShare * _options.Steps ? EarlyExcess : 1;
        return affordable * tolerated >= total ? total : affordable;
    }

    private static TimeSpan Remaining(TimeSpan? budget, int steps, StepClock clock)
    {
        TimeSpan needed = clock.RecentStep * steps, allowed = budget - clock.Elapsed ?? TimeSpan.MaxValue;
        return allowed < TimeSpan.Zero ? TimeSpan.Zero : needed < allowed ? needed : allowed;
    }

    private (double Loss, double Norm) Step(Workspace workspace, AdamW optimizer, float rate)
    {
        TokenBatch batch = _batches.Next();
        using Workspace.Scope scope = workspace.Open();
        _objective.Parameters.ZeroGrad();
        _objective.Prepare(batch);
        double loss;
        using (Tape tape = Tape.Begin())
        {
            Tensor value = _objective.Loss(batch);
            loss = value.Item();
            tape.Backward(value);
        }

        double norm = GradientClipping.Clip(_objective.Parameters, _options.ClipNorm);
        if (double.IsFinite(loss) && double.IsFinite(norm))
            optimizer.Step(rate);
        return (loss, norm);
    }

    // The cosine reaches its end one step after the last, and the warm-up starts one step after 0: every step moves.
    private WarmupCosine Schedule(int total) => new((int)(total * _options.WarmupShare), total + 1, (float)_options.FinalRateShare);

    /// <summary>Time per step, over the recent past and over everything after the warm-up.</summary>
    private sealed class StepClock(int tokensPerStep)
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly Queue<long> _recent = new([Stopwatch.GetTimestamp()]);
        private long _warm;
        private int _steps;

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

        public TimeSpan RecentStep => _recent.Count < 2 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_recent.Peek(), _recent.Last()) / (_recent.Count - 1);

        public TimeSpan MeanStep => Stopwatch.GetElapsedTime(_warm, _recent.Last()) / (_steps - WarmUpSteps);

        public double TokensPerSecond => RecentStep == TimeSpan.Zero ? 0 : tokensPerStep / RecentStep.TotalSeconds;

        public void Tick()
        {
            _recent.Enqueue(Stopwatch.GetTimestamp());
            if (++_steps == WarmUpSteps)
                _warm = _recent.Last();
            if (_recent.Count > MeasuredSteps + 1)
                _recent.Dequeue();
        }
    }
}
