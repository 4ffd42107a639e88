using System.Diagnostics;

namespace SpikeEngine.Training;

/// <summary>Time per step, over the recent past and over everything after the warm-up, and how many steps a budget allows.</summary>
internal sealed class TrainingPace(long tokensPerStep, TimeSpan? budget)
{
    // The first steps wait for the compiler; the next ones tell how fast the rest will be.
    private const int WarmUpSteps = 8;
    private const int MeasuredSteps = 8;

    // Early on a hiccup looks like a slow machine, so a small excess is acted on only once this share is done.
    private const double EarlyShare = 0.25;
    private const double EarlyExcess = 1.2;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Queue<TimeSpan> _recent = new(MeasuredSteps);
    private TimeSpan _afterWarmUp;
    private long _began;
    private int _steps;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public double TokensPerSecond => RecentStep == TimeSpan.Zero ? 0 : tokensPerStep / RecentStep.TotalSeconds;

    private TimeSpan RecentStep
    {
        get
        {
            TimeSpan sum = TimeSpan.Zero;
            foreach (TimeSpan step in _recent)
                sum += step;
            return _recent.Count == 0 ? TimeSpan.Zero : sum / _recent.Count;
        }
    }

    private TimeSpan MeanStep => _afterWarmUp / (_steps - WarmUpSteps);

    /// <summary>Begins a step; what lies between two, such as a checkpoint, is no part of the speed.</summary>
    public void Begin() => _began = Stopwatch.GetTimestamp();

    /// <summary>Ends a step.</summary>
    public void End()
    {
        TimeSpan step = Stopwatch.GetElapsedTime(_began);
        if (++_steps > WarmUpSteps)
            _afterWarmUp += step;
        if (_recent.Count == MeasuredSteps)
            _recent.Dequeue();
        _recent.Enqueue(step);
    }

    /// <summary>How many steps to plan for.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="total">Steps planned so far.</param>
    /// <param name="planned">Steps planned at first.</param>
    public long StepsWithin(long step, long total, long planned)
    {
        if (budget is not { } time || _steps == 0)
            return total;
        if (Elapsed >= time)
            return step;
        if (_steps < WarmUpSteps + MeasuredSteps || _steps % MeasuredSteps != 0)
            return total;

        long affordable = step + (long)((time - Elapsed) / MeanStep);
        double tolerated = step < EarlyShare * planned ? EarlyExcess : 1;
        return affordable * tolerated >= total ? total : affordable;
    }

    /// <summary>Time that so many steps will take.</summary>
    public TimeSpan Remaining(long steps)
    {
        TimeSpan needed = RecentStep * steps, allowed = budget - Elapsed ?? TimeSpan.MaxValue;
        return allowed < TimeSpan.Zero ? TimeSpan.Zero : needed < allowed ? needed : allowed;
    }
}
