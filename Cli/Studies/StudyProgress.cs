using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Cli.Runs;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Cli.Studies;

/// <summary>Progress of a study around that of the run within it.</summary>
/// <param name="run">Shows the run.</param>
/// <param name="say">Prints a line about the study.</param>
/// <param name="folder">Where the page goes.</param>
internal sealed class StudyProgress(IRunObserver run, Action<string> say, string folder) : ForwardedRun(run), IStudyObserver
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _rows, _begun;
    private long _firstRow;

    public void Planned(StudyPlan plan, IReadOnlyList<StudyRow> rows)
    {
        _rows = rows.Count;
        say(string.Create(CultureInfo.InvariantCulture, $"{rows.Count} rows; a short one has {plan.StudentSteps:N0} steps"));
    }

    public void RowStarted(StudyRow row, int number)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (_begun == 0)
            _firstRow = Stopwatch.GetTimestamp();
        string left = _begun > 0 ? $", about {StageNames.Left(Stopwatch.GetElapsedTime(_firstRow) / _begun * (_rows - number + 1))} to go if the others take as long" : "";
        _begun++;
        say(string.Create(CultureInfo.InvariantCulture, $"row {number} of {_rows}: {row.Name} ({row.Label}), after {StageNames.Left(elapsed)}{left}"));
    }

    public void RowFinished(StudyRow row, StudySummary summary)
    {
        // The page grows with the study: whoever wants to look does not have to wait.
        StudyPage.Write(folder, summary);
        RowResult result = summary.Rows[^1];
        string gap = summary.Gap(result) is { } points && row.Group != StudyGroup.Teacher ? $", gap {StudyTables.Text(points)}" : "";
        string spikes = result.Spikes is { } s ? string.Create(CultureInfo.InvariantCulture, $", {100 * s.Rate:F1} % spikes, block energy {s.BlockX:F2}x") : "";
        string speed = result.Decoding is { } d ? string.Create(CultureInfo.InvariantCulture, $", decoding {d.Ratio:F2}x") : "";
        string perplexity = result.Perplexity is { } p ? string.Create(CultureInfo.InvariantCulture, $"perplexity {p:F3}, {result.BitsPerByte:F4} bits/byte") : "measured";
        say($"{row.Name}: {perplexity}{spikes}{gap}{speed}");
    }
}
