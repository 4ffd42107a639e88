using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Quickstart;

/// <summary>The folder of a run: <c>teacher/</c>, <c>student/</c> and <c>report.json</c>. An earlier run's is replaced, nobody else's.</summary>
public static class OutputFolder
{
    /// <summary>Name of the teacher's folder.</summary>
    public const string Teacher = "teacher";

    /// <summary>Name of the student's folder.</summary>
    public const string Student = "student";

    private static readonly string[] s_ours = [Teacher, Student, QuickstartReport.FileName];
    private static readonly string[] s_modelFiles = [ModelFolder.ConfigFile, ModelFolder.WeightsFile, ModelFolder.TokenizerFile];

    /// <summary>Finds out before the work whether the folder can be written after it.</summary>
    /// <exception cref="IOException">Something else is in its place, or its place cannot be written to.</exception>
    public static void Check(string folder)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target))
            throw new IOException($"Output folder '{folder}': a file is in its place.");
        if (Path.GetDirectoryName(target) is null || IsIn(Directory.GetCurrentDirectory(), target))
            throw new IOException($"Output folder '{folder}' is the current folder or holds it; name one below it, such as 'spike-quickstart'.");
        if (Directory.Exists(target))
            RequireOurs(folder, target);
        WritableFolder.Require(Path.GetDirectoryName(target)!, $"Output folder '{folder}'");
    }

    internal static void Write(
        string folder, Mamba2LanguageModel teacher, Mamba2LanguageModel student, string tokenizerPath, QuickstartReport report, CancellationToken cancellation)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        AtomicFolder.Write(target, partial =>
        {
            SaveModel(Path.Combine(partial, Teacher), teacher);
            SaveModel(Path.Combine(partial, Student), student);
            report.Save(Path.Combine(partial, QuickstartReport.FileName));
            cancellation.ThrowIfCancellationRequested();
        });

        void SaveModel(string path, Mamba2LanguageModel model)
        {
            cancellation.ThrowIfCancellationRequested();
            Directory.CreateDirectory(path);
            ModelFolder.Save(path, model, tokenizerPath);
        }
    }

    private static void RequireOurs(string folder, string target)
    {
        string[] entries = [.. Directory.EnumerateFileSystemEntries(target).Select(e => Path.GetFileName(e)!)];
        if (entries.Length == 0)
            return;
        if (!entries.Contains(QuickstartReport.FileName))
            throw new IOException($"Output folder '{folder}' exists and is not of an earlier run: it has no {QuickstartReport.FileName}. Choose another with --out.");
        string? other = entries.FirstOrDefault(e => !s_ours.Contains(e)) ?? NotOfModel(target, Teacher) ?? NotOfModel(target, Student);
        if (other is not null)
            throw new IOException($"Output folder '{folder}' would be replaced, but holds '{other}', which is not of a run. Move it, or choose another folder with --out.");
    }

    /// <summary>The first thing in a model's place that no run has put there.</summary>
    private static string? NotOfModel(string target, string name)
    {
        string path = Path.Combine(target, name);
        if (File.Exists(path))
            return name;
        string? other = Directory.Exists(path)
            ? Directory.EnumerateFileSystemEntries(path).FirstOrDefault(e => Directory.Exists(e) || !s_modelFiles.Contains(Path.GetFileName(e)))
            : null;
        return other is null ? null : Path.GetRelativePath(target, other);
    }

    private static bool IsIn(string path, string folder) =>
        Path.TrimEndingDirectorySeparator(path) == folder
        || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
