using SpikeEngine.Training.Evaluation.Tasks;

namespace SpikeEngine.Training.Evaluation;

/// <summary>The tasks that there are.</summary>
public static class ZeroShotTasks
{
    private const string Cloze = "cloze:", Text = "text:";

    private static readonly EvaluationTask[] s_tasks =
    [
        HellaSwag.Task, Piqa.Task, Arc.Easy, Arc.Challenge, BoolQ.Task, WinoGrande.Task, OpenBookQa.Task, Lambada.Task, Blimp.Task, Copa.Task, Wsc273.Task,
        TinyStoriesCloze.Task, WikiText.Task,
    ];

    /// <summary>Names of the tasks with data of their own.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_tasks.Select(task => task.Name)];

    /// <summary>All tasks with what they are, those of any text file too.</summary>
    public static IReadOnlyList<(string Name, string Description, string MainMetric)> All { get; } =
        [.. ((EvaluationTask[])[.. s_tasks, ClozeTask.Of(Cloze + "FILE"), AnyText.Of(Text + "FILE")]).Select(task => (task.Name, task.Description, task.MainMetric))];

    /// <summary>Refuses a name that is no task's.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void Require(string name) => Find(name);

    /// <summary>Refuses a task whose data are not there, before anything else is done.</summary>
    /// <param name="name">The task.</param>
    /// <param name="dataFolderOrFile">Where they should be, as for <see cref="ZeroShot"/>.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    /// <exception cref="IOException">There are no data of it.</exception>
    public static void RequireData(string name, string dataFolderOrFile)
    {
        ArgumentNullException.ThrowIfNull(dataFolderOrFile);
        (_, string path) = Locate(name, dataFolderOrFile);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"The text of '{name}' does not exist.", path);
    }

    /// <summary>A task, and where its data are.</summary>
    internal static (EvaluationTask Task, string Path) Locate(string name, string folderOrFile)
    {
        (EvaluationTask task, string? file) = Find(name);
        if (file is null)
            return (task, task.Files.Find(name, folderOrFile));
        string inFolder = Path.Combine(folderOrFile, file);
        return (task, !File.Exists(file) && File.Exists(inFolder) ? inFolder : file);
    }

    private static (EvaluationTask Task, string? File) Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.StartsWith(Cloze, StringComparison.Ordinal) && name.Length > Cloze.Length)
            return (ClozeTask.Of(name), name[Cloze.Length..]);
        if (name.StartsWith(Text, StringComparison.Ordinal) && name.Length > Text.Length)
            return (AnyText.Of(name), name[Text.Length..]);
        return (s_tasks.FirstOrDefault(task => task.Name == name)
            ?? throw new ArgumentException($"There is no task '{name}'; there are {string.Join(", ", All.Select(task => task.Name))}."), null);
    }
}
