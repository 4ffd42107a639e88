using System.Diagnostics;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Shares out the time of a run, so that its cap holds on a slow machine too.</summary>
internal sealed class TimeBudget(TimeSpan cap)
{
    private const double ReservedShare = 0.12;
    private const double LeastReservedSeconds = 12;

    // What the student's evaluation does beyond the teacher's (counting spikes), and a margin for a busy machine.
    private const double StudentOverTeacher = 1.25;

    // Decoding, samples and saving take about this long on two cores; some more is left for a busy machine.
    private const double EndSeconds = 4;

    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    private TimeSpan Left => cap - Elapsed;

    /// <summary>For the teacher: its share of what is left after a reserve for all that is not training.</summary>
    public TimeSpan ForTeacher(double share)
    {
        double reserve = Math.Max(LeastReservedSeconds, ReservedShare * cap.TotalSeconds);
        return share * (Left - TimeSpan.FromSeconds(reserve));
    }

    /// <summary>For the student: what is left, now that the teacher's evaluation has shown how long one takes here.</summary>
    public TimeSpan ForStudent(TimeSpan teacherEvaluation) =>
        Left - StudentOverTeacher * teacherEvaluation - TimeSpan.FromSeconds(EndSeconds);
}
