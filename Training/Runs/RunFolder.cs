using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Training.Runs;

/// <summary>What to do with a folder in which there is something already.</summary>
public enum ExistingRun
{
    /// <summary>Nothing: it is refused.</summary>
    Refuse,

    /// <summary>Continue the run from its newest checkpoint.</summary>
    Resume,

    /// <summary>Remove the run and begin anew.</summary>
    Overwrite,
}

/// <summary>The folder of a run and its parts: <c>run.json</c>, metrics, <c>checkpoints/</c>, <c>model/</c>.</summary>
public static class RunFolder
{
    /// <summary>The trained model.</summary>
    public const string Model = "model";

    /// <summary>Checkpoints, one folder each.</summary>
    public const string Checkpoints = "checkpoints";

    /// <summary>The report.</summary>
    public const string Report = "report.html";

    /// <summary>The tokenizer of the run.</summary>
    public const string Tokenizer = "tokenizer.json";

    private static readonly string[] s_ours =
        [RunSettings.FileName, MetricsFiles.JsonFile, MetricsFiles.CsvFile, Tokenizer, Checkpoints, Model, Report];

    /// <summary>Gets a folder ready, or refuses it before any work is done.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="existing">What to do when a run is there.</param>
    /// <param name="verb">The command, for messages.</param>
    /// <exception cref="IOException">There is a run and nothing was said about it, or something that is no run, or it cannot be written.</exception>
    public static void Prepare(string folder, ExistingRun existing, string verb)
    {
        if (File.Exists(folder))
            throw new IOException($"--out {folder}: a file is in its place.");
        string[] entries = Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)!)] : [];
        bool isRun = entries.Contains(RunSettings.FileName), hasBegun = entries.Any(e => e is MetricsFiles.JsonFile or Checkpoints or Model);
        if (existing == ExistingRun.Resume)
            RequireRun(folder);
        if (entries.Length > 0 && !isRun)
            throw new IOException($"--out {folder} is not empty and no folder of a run: it has no {RunSettings.FileName}. Choose another.");
        if (hasBegun && existing == ExistingRun.Refuse)
        {
            throw new IOException(
                $"--out {folder} holds a run. Continue it with `spike {verb} --resume --out {folder}`, or replace it with --overwrite.");
        }

        WritableFolder.Require(folder, $"--out {folder}");
        if (isRun)
            RequireIdle(folder);
        Directory.CreateDirectory(folder);

        // A run that failed before its first step, over its data for example, is in nobody's way.
        if (existing != ExistingRun.Resume)
            Clear(folder, entries);
    }

    /// <summary>Refuses a folder in which there is no run to continue.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">There is none.</exception>
    public static void RequireRun(string folder)
    {
        if (!File.Exists(Path.Combine(folder, RunSettings.FileName)))
            throw new IOException($"--resume: --out {folder} has no {RunSettings.FileName}, so there is no run to continue. Without --resume it is begun.");
    }

    /// <summary>Removes a run and nothing else: what others have put there is a reason to stop.</summary>
    private static void Clear(string folder, string[] entries)
    {
        if (entries.FirstOrDefault(e => !s_ours.Contains(e) && !IsLeftover(e)) is { } other)
            throw new IOException($"--out {folder} would be replaced, but holds '{other}', which is not of a run. Move it, or choose another folder.");

        // Last what says that this is a run: a removal that is stopped can be repeated.
        foreach (string entry in entries.OrderBy(e => e == RunSettings.FileName))
        {
            string path = Path.Combine(folder, entry);
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
    }

    /// <summary>A run that goes on must not lose its folder.</summary>
    private static void RequireIdle(string folder)
    {
        string checkpoints = Path.Combine(folder, Checkpoints);
        if (Directory.Exists(checkpoints))
            CheckpointFolder.RequireUnlocked(checkpoints);
    }

    /// <summary>What a killed process leaves of a file or folder that it was writing.</summary>
    private static bool IsLeftover(string entry) =>
        s_ours.Any(name => entry.StartsWith(name + ".", StringComparison.Ordinal))
        && (entry.EndsWith(".tmp", StringComparison.Ordinal) || entry.Contains(".partial-", StringComparison.Ordinal) || entry.Contains(".previous-", StringComparison.Ordinal));
}
