using System.Text.Json;
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
            Flatten(LocatedJson.ReadFile(Path.Combine(folder, RunConfig.FileName)), "", settings);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            problems.Add(error.Message);
        }

        return new ReportRun(folder, log, settings, problems);
    }

    private static void Flatten(LocatedValue value, string path, List<KeyValuePair<string, string>> settings)
    {
        if (value.Kind == JsonTokenType.StartObject)
        {
            foreach (LocatedMember member in value.Members)
                Flatten(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", settings);
            return;
        }

        settings.Add(new(path, Text(value)));
    }

    private static string Text(LocatedValue value) => value.Kind switch
    {
        JsonTokenType.StartArray => string.Join(", ", value.Items.Select(Text)),
        JsonTokenType.StartObject => string.Join(", ", value.Members.Where(m => m.Value.Kind != JsonTokenType.Null).Select(m => $"{m.Name} {Text(m.Value)}")),
        JsonTokenType.Null => "none",
        _ => value.Text,
    };
}
