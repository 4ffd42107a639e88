using SpikeEngine.Training;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Studies;

/// <summary>Passes on what happens in the run within a study.</summary>
internal abstract class ForwardedRun(IRunObserver run) : IRunObserver
{
    public void Started(string stage) => run.Started(stage);

    public void Progressed(string stage, double share) => run.Progressed(stage, share);

    public void Finished(string stage, TimeSpan elapsed, string result) => run.Finished(stage, elapsed, result);

    public void Note(string message) => run.Note(message);

    public void Stepped(TrainingProgress progress) => run.Stepped(progress);

    public void Skipped(SkippedStep step) => run.Skipped(step);

    public void Validated(ValidationResult validation) => run.Validated(validation);

    public void Saved(SavedCheckpoint checkpoint) => run.Saved(checkpoint);

    public void Resumed(ResumedRun resumed) => run.Resumed(resumed);
}
