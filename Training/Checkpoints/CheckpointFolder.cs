using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>
/// The folder of a run's checkpoints, <c>step-00000500</c> and so on: each appears whole or not at all, the last few are kept, and
/// what a killed process has left behind is removed when the next one opens the folder. One process at a time may have it open.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    private const string Prefix = "step-";
    private const string LockFile = ".lock";
    private const string Removed = ".removed-";
    private const string Damaged = ".damaged";

    private readonly string _folder;
    private readonly TrainedModel _model;
    private readonly FileStream _lock;

    /// <summary>Makes the folder if need be, and tidies it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that is trained, and saved with every checkpoint.</param>
    /// <exception cref="IOException">The folder cannot be made or written, or another run has it open.</exception>
    public CheckpointFolder(string folder, TrainedModel model)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(model);
        _folder = Path.GetFullPath(folder);
        _model = model;
        Directory.CreateDirectory(_folder);
        _lock = Lock(_folder);
        RemoveLeftovers();
    }

    /// <summary>As the other, for a language model without a tokenizer.</summary>
    /// <inheritdoc cref="CheckpointFolder(string, TrainedModel)"/>
    public CheckpointFolder(string folder, LanguageModel model)
        : this(folder, TrainedModel.Of(model))
    {
    }

    /// <summary>How many of the last checkpoints are kept.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>The newest checkpoint, whole or not; null when there is none.</summary>
    public string? Newest => List(_folder).Select(c => c.Path).FirstOrDefault();

    /// <summary>The newest checkpoint that is whole; null when there is none at all.</summary>
    /// <param name="folder">A folder of checkpoints; it need not exist.</param>
    /// <param name="damaged">What is wrong with each newer one, newest first.</param>
    /// <exception cref="InvalidDataException">There are checkpoints, and every one is damaged.</exception>
    public static string? FindNewest(string folder, out IReadOnlyList<string> damaged)
    {
        List<string> errors = [];
        damaged = errors;
        foreach ((_, string path) in List(folder))
        {
            try
            {
                TrainingCheckpoint.Verify(path);
                return path;
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                errors.Add(error.Message);
            }
        }

        return errors.Count == 0 ? null : throw new InvalidDataException($"{folder}: no checkpoint can be used: {string.Join("; ", errors)}");
    }

    /// <summary>Writes a checkpoint, then removes those that are too many.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="state">Everything but the model.</param>
    /// <exception cref="IOException">It cannot be written; the message names the file, and the checkpoint before it, which is intact.</exception>
    public SavedCheckpoint Save(long step, ITrainingState state)
    {
        long start = Stopwatch.GetTimestamp(), bytes = 0;
        string target = Path.Combine(_folder, Name(step));
        try
        {
            // Left by a run that went on from an earlier checkpoint because this one was damaged.
            Remove(target);
            AtomicFolder.Write(target, partial => bytes = TrainingCheckpoint.Write(partial, step, _model, state));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string before = Newest is { } newest ? $"the checkpoint before it is intact: {newest}" : "there is none before it";
            throw new IOException($"Checkpoint {Name(step)} was not saved; {error.Message}; {before}.", error);
        }

        foreach ((_, string path) in List(_folder).Where(c => c.Step <= step).Skip(Keep))
            Remove(path);
        return new SavedCheckpoint(step, target, bytes, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Puts back the newest checkpoint that is whole; newer ones that are damaged step aside as <c>step-N.damaged</c>.</summary>
    /// <param name="state">Everything but the model.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidDataException">Every one is damaged, or it is of another run; the message names the field.</exception>
    public ResumedRun? Restore(ITrainingState state)
    {
        if (FindNewest(_folder, out IReadOnlyList<string> damaged) is not { } newest)
            return null;
        long step = TrainingCheckpoint.Restore(newest, _model, state);
        foreach ((_, string path) in List(_folder).TakeWhile(c => c.Path != newest))
        {
            Delete(path + Damaged);
            Directory.Move(path, path + Damaged);
        }

        return new ResumedRun(step, newest, damaged);
    }

    /// <summary>Refuses to begin anew where another run has checkpoints.</summary>
    /// <exception cref="IOException">There are some.</exception>
    public void RequireEmpty()
    {
        if (Newest is { } newest)
            throw new IOException($"{newest} is the checkpoint of another run; resume it, or choose another folder.");
    }

    /// <summary>Refuses a folder that another process has open.</summary>
    /// <param name="folder">A folder of checkpoints.</param>
    /// <exception cref="IOException">It is open.</exception>
    internal static void RequireUnlocked(string folder) => Lock(folder).Dispose();

    /// <summary>Lets other processes open it.</summary>
    public void Dispose() => _lock.Dispose();

    private static string Name(long step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Newest first.</summary>
    private static List<(long Step, string Path)> List(string folder)
    {
        List<(long Step, string Path)> found = [];
        if (!Directory.Exists(folder))
            return found;
        foreach (string path in Directory.EnumerateDirectories(folder, Prefix + "*"))
        {
            string name = Path.GetFileName(path);
            if (long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step) && name == Name(step))
                found.Add((step, path));
        }

        found.Sort((a, b) => b.Step.CompareTo(a.Step));
        return found;
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"{folder}: another run is writing its checkpoints there ({error.Message})", error);
        }
    }

    private void RemoveLeftovers()
    {
        foreach (string path in Directory.EnumerateDirectories(_folder, Prefix + "*").ToList())
        {
            string name = Path.GetFileName(path);
            if (name.Contains(Removed, StringComparison.Ordinal) || AtomicFolder.IsLeftover(name))
                Delete(path);
        }
    }

    /// <summary>Under another name first: a kill in the middle must not leave half a checkpoint under its own.</summary>
    private static void Remove(string checkpoint)
    {
        if (!Directory.Exists(checkpoint))
            return;
        string removed = $"{checkpoint}{Removed}{Guid.NewGuid():N}";
        Directory.Move(checkpoint, removed);
        Delete(removed);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
