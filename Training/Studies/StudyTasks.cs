using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>The zero-shot tasks of a study: those whose files are there, and a cloze test of the held-out text.</summary>
internal sealed class StudyTasks
{
    /// <summary>What the cloze test of the held-out text is called in results.</summary>
    public const string Cloze = "cloze";

    private const int ClozeItems = 1_000;

    private static readonly string[] s_decisive = ["tinystories_cloze", "blimp"];
    private static readonly string[] s_paper = ["hellaswag", "piqa", "arc_easy", "arc_challenge", "boolq", "winogrande"];

    private readonly StudyText _text;
    private readonly (string Name, string Task, string Folder)[] _decisive;
    private readonly (string Name, string Task, string Folder)[] _paper;

    /// <summary>Finds the tasks.</summary>
    /// <param name="folders">Where their files may be.</param>
    /// <param name="text">The held-out text.</param>
    public StudyTasks(IReadOnlyList<string> folders, StudyText text)
    {
        _text = text;
        _decisive = [(Cloze, $"cloze:{text.LinesFile}", "."), .. Find(s_decisive, folders)];
        _paper = [.. Find(s_paper, folders)];
    }

    /// <summary>The tasks whose mean decides.</summary>
    public IReadOnlyList<TaskScore> Decisive(LanguageDecoder model, IRunObserver observer, CancellationToken cancellation) => Run(_decisive, model, observer, cancellation);

    /// <summary>Those of the paper's tables.</summary>
    public IReadOnlyList<TaskScore> OfPaper(LanguageDecoder model, IRunObserver observer, CancellationToken cancellation) => Run(_paper, model, observer, cancellation);

    private TaskScore[] Run((string Name, string Task, string Folder)[] tasks, LanguageDecoder model, IRunObserver observer, CancellationToken cancellation) =>
        Array.ConvertAll(tasks, task => observer.Run(
            task.Name,
            progress =>
            {
                int? limit = task.Name == Cloze ? ClozeItems : null;
                TaskResult result = ZeroShot.Run(model, _text.Tokenizer, task.Task, task.Folder, limit, progress, cancellation);
                return new TaskScore(
                    task.Name, result.MainMetric, result.Main.Value, result.Main.StandardError ?? double.NaN, Right(result));
            },
            s => FormattableString.Invariant($"{s.Metric} {100 * s.Value:F1} % of {s.Right.Length}")));

    private static string Right(TaskResult result) => string.Concat(result.Samples.Select(sample => sample.Values.First(v => v.Metric == result.MainMetric).Value > 0.5 ? '1' : '0'));

    private static IEnumerable<(string, string, string)> Find(string[] tasks, IReadOnlyList<string> folders)
    {
        foreach (string task in tasks)
        {
            if (folders.FirstOrDefault(folder => HasData(task, folder)) is { } folder)
                yield return (task, task, folder);
        }
    }

    private static bool HasData(string task, string folder)
    {
        try
        {
            ZeroShotTasks.RequireData(task, folder);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
