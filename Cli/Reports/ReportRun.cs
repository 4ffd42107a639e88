using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Cli.Reports;

/// <summary>A run's folder as the report reads it, while the run goes on or afterwards.</summary>
internal sealed class ReportRun
{
    private ReportRun(string folder, MetricsLog log, IReadOnlyList<KeyValuePair<string, string>> settings, IReadOnlyList<string> problems)
    {
        Folder = folder;
        Log = log;
        Settings = settings;
        Problems = problems;
        IsFinished = Directory.Exists(Path.Combine(folder, RunFolder.Model));
    }

    /// <summary>The folder as the user named it.</summary>
    public string Folder { get; }

    public MetricsLog Log { get; }

    /// <summary>The effective configuration: paths of settings and what they are.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<string> Problems { get; }

    public bool IsFinished { get; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    /// <exception cref="FileNotFoundException">It has no metrics.</exception>
    public static ReportRun Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"'{folder}' does not exist; name the folder that --out gave to a run.");
        string metrics = Path.Combine(folder, MetricsFiles.JsonFile);
        MetricsLog log = MetricsLog.Read(metrics);
        List<string> problems = [.. log.Problems.Select(p => $"{metrics}, {p}")];
        List<KeyValuePair<string, string>> settings = [];
        try
        {
            settings.AddRange(SettingsText.Flatten(LocatedJson.ReadFile(Path.Combine(folder, RunConfig.FileName))));
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            problems.Add(error.Message);
        }

        return new ReportRun(folder, log, settings, problems);
    }
}
