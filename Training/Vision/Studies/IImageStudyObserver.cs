using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Vision;

/// <summary>Follows a study of SNN2ANN, and the run within it that goes on.</summary>
public interface IImageStudyObserver : IRunObserver
{
    /// <summary>The plan is made, or read again.</summary>
    void Planned(ImageStudyPlan plan, int rows);

    /// <summary>A row begins, or goes on.</summary>
    void RowStarted(ImageStudyRow row, int number);

    /// <summary>A row is done, now or in an earlier process.</summary>
    void RowFinished(ImageRowResult row, ImageStudySummary summary);
}
