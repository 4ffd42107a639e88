using System.Globalization;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Studies;

/// <summary>Progress of a study of SNN2ANN around that of the run within it.</summary>
internal sealed class ImageStudyProgress(IRunObserver run, Action<string> say, string folder) : ForwardedRun(run), IImageStudyObserver
{
    private int _rows;

    public void Planned(ImageStudyPlan plan, int rows)
    {
        _rows = rows;
        say(string.Create(CultureInfo.InvariantCulture, $"{rows} rows; each sees the images {plan.Epochs:N0} times"));
    }

    public void RowStarted(ImageStudyRow row, int number) => say(string.Create(CultureInfo.InvariantCulture, $"row {number} of {_rows}: {row.Name} ({row.Label})"));

    public void RowFinished(ImageRowResult row, ImageStudySummary summary)
    {
        // The page grows with the study: whoever wants to look does not have to wait.
        ImageStudyPage.Write(folder, summary);
        string spikes = row.SpikesPerImage is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count:N0} spikes") : "";
        say(string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Row.Name}: accuracy {row.Accuracy:F2} ± {row.StandardError:F2} %, training {row.TrainingS:F1} s and {row.TrainingBytes / 1e6:F1} MB{spikes}, {row.EnergyNj:N0} nJ"));
    }
}
