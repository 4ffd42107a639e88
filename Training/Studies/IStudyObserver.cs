using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>Follows a study, and the run within it that goes on.</summary>
public interface IStudyObserver : IRunObserver
{
    /// <summary>The plan is made, or read again.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rows">All rows.</param>
    void Planned(StudyPlan plan, IReadOnlyList<StudyRow> rows);

    /// <summary>A row begins, or goes on.</summary>
    /// <param name="row">The row.</param>
    /// <param name="number">From 1 on.</param>
    void RowStarted(StudyRow row, int number);

    /// <summary>A row is done, now or in an earlier process.</summary>
    /// <param name="row">The row.</param>
    /// <param name="summary">The study so far, this row included.</param>
    void RowFinished(StudyRow row, StudySummary summary);
}
