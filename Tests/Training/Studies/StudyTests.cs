using System.Globalization;
using System.Text.Json.Nodes;
using SpikeEngine.Tests.Training.Runs;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Tests.Training.Studies;

/// <summary>A whole study of the smallest size, stopped and continued.</summary>
[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class StudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_have_names_of_their_own_and_settings_that_runs_take()
    {
        StudyOptions options = new() { Folder = _folder.File("study"), Seeds = 2 };
        IReadOnlyList<StudyRow> rows = StudyRows.Of(options);
        Assert.Equal(rows.Count, rows.Select(r => r.Name).Distinct().Count());
        Assert.All(rows, row => Assert.True(row.From is null or StudyRows.Best || rows.TakeWhile(r => r != row).Any(r => r.Name == row.From), row.Name));
        Assert.Equal(2, rows.Count(r => r.Group == StudyGroup.Alignment && r.From == StudyRows.Best));
        StudyConfigs configs = new(options, new StudyPlan(StudySystem.SpikingMamba, null, null, options.Data, [], [], [], [], 2, 1, 100, 10));
        foreach (StudyRow row in rows.Where(r => r.Kind is not null))
            Assert.Equal(row.Kind, configs.Of(row).Kind);
        Assert.Equal((40, 10), (configs.Of(rows.First(r => r.Name == StudyRows.Natural)).Training.Steps, configs.Of(rows.First(r => r.Name == "lif-seed1")).Training.Steps));
    }

    [Fact]
    public void A_study_that_is_stopped_goes_on_and_ends_as_it_would_have()
    {
        RecordingStudy stopped = new() { StopAfter = 4 }, seen = new(), whole = new();
        StudyOptions options = Options("a");
        Assert.ThrowsAny<OperationCanceledException>(() => StudyRun.Run(options, RunFormats.BuiltIn, stopped, stopped.Token));
        Assert.Equal(4, stopped.Finished.Count);
        StudySummary a = StudyRun.Run(options, RunFormats.BuiltIn, seen, default);
        Assert.Equal(a.RowCount - 4, seen.Begun.Count);
        Assert.Equal(a.RowCount, a.Rows.Count);

        // The plan is that of the first, whatever the budget says now.
        StudySummary b = StudyRun.Run(Options("b") with { BudgetMinutes = 1e-6 }, RunFormats.BuiltIn, whole, default);
        Assert.Equal(b.Rows.Select(r => (r.Name, r.Perplexity, r.Spikes)), a.Rows.Select(r => (r.Name, r.Perplexity, r.Spikes)));
        Assert.All(a.Rows.Where(r => r.Group != StudyGroup.Polarization), r => Assert.True(r.Perplexity > 1));
        Assert.True(a.Teacher!.Tasks is [{ Task: "cloze" }], "a cloze test needs no files");
        Assert.NotNull(a.BestStudent!.Decoding);
        Assert.True(File.Exists(Path.Combine(options.Folder, StudySummary.FileName)));

        // Whoever follows the best student says which that was.
        Assert.All(a.Of(StudyGroup.Alignment), r => Assert.Equal((a.Best, true), (r.From, r.Label.EndsWith(a.BestStudent.Label, StringComparison.Ordinal))));

        // A result of other settings is not taken for one of these.
        string path = Path.Combine(options.Folder, StudyRun.Results, $"{StudyRows.Ternary}.json");
        (RowResult.Find(path)! with { Settings = ["distillation.levels=3"] }).Save(path);
        InvalidDataException other = Assert.Throws<InvalidDataException>(() => StudyRun.Run(options, RunFormats.BuiltIn, new RecordingStudy(), default));
        Assert.Contains("distillation.levels=3", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_study_is_refused_in_the_same_folder()
    {
        StudyOptions options = Options("a");
        RecordingStudy stopped = new() { StopAfter = 1 };
        Assert.ThrowsAny<OperationCanceledException>(() => StudyRun.Run(options, RunFormats.BuiltIn, stopped, stopped.Token));
        ArgumentException error = Assert.Throws<ArgumentException>(() => StudyRun.Run(options with { Seeds = 3 }, RunFormats.BuiltIn, new RecordingStudy(), default));
        Assert.Contains("--seeds is '3'", error.Message, StringComparison.Ordinal);
        IOException occupied = Assert.Throws<IOException>(() => StudyRun.Run(options with { Folder = _folder.Path }, RunFormats.BuiltIn, new RecordingStudy(), default));
        Assert.Contains("holds no study", occupied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_can_be_made_of_any_text()
    {
        string text = _folder.Write("words.txt", string.Join(
            "<|endoftext|>", Enumerable.Range(0, 60).Select(i => string.Join(' ', Enumerable.Range(0, 20 + i % 5).Select(w => $"w{i}x{w}")))));
        string train = _folder.File("train.jsonl"), held = _folder.File("held.jsonl");
        DocumentFiles source = new([text], new DocumentOptions { Split = TextSplit.AtEndOfText }, []);
        GeneratedPairs.Write(source, 50, seed: 1, train, held, default);
        IReadOnlyList<PreferenceText> pairs = [.. PreferenceFile.ReadPairs(train, default), .. PreferenceFile.ReadPairs(held, default)];
        Assert.Equal((45, 50), (PreferenceFile.ReadPairs(train, default).Count, pairs.Count));
        Assert.All(pairs, p =>
        {
            Assert.NotEqual(p.Chosen, p.Rejected);
            Assert.Equal(p.Prompt.Split('x')[0], p.Chosen.Trim().Split('x')[0]);   // of the same document
        });
    }

    private StudyOptions Options(string name) => new()
    {
        Folder = _folder.File(name),
        BudgetMinutes = 1e-5,
        TeacherConfig = _folder.Write("teacher.json", Json(TinyConfigs.TrainSettings(_folder))),
        Data = [LongText()],
        Seeds = 1,
    };

    private string LongText() => _folder.Write("long.txt", string.Join("<|endoftext|>", Enumerable.Range(0, 200).Select(i =>
        $"The {i % 7}th cat of house {i % 5} sleeps until {i % 11} o'clock and then it goes to the garden of house {i % 3}, where {i % 4} dogs and {i % 6} birds wait for it.\n")));

    private static string Json(string[] settings)
    {
        JsonObject root = [];
        foreach (string[] setting in settings.Where(t => !t.StartsWith("training.", StringComparison.Ordinal)).Select(t => t.Split('=')))
        {
            string[] names = setting[0].Split('.');
            JsonNode section = root[names[0]] ??= new JsonObject();
            section[names[1]] = double.TryParse(setting[1], CultureInfo.InvariantCulture, out double number) ? number : setting[1];
        }

        return root.ToJsonString();
    }
}

/// <summary>Remembers what a study told, and can stop it after a row.</summary>
internal sealed class RecordingStudy : IStudyObserver
{
    public CancellationTokenSource Stop { get; } = new();

    public int StopAfter { get; init; } = int.MaxValue;

    public CancellationToken Token => Stop.Token;

    public List<string> Begun { get; } = [];

    public List<string> Finished { get; } = [];

    public void Planned(StudyPlan plan, IReadOnlyList<StudyRow> rows) => Assert.NotEmpty(rows);

    public void RowStarted(StudyRow row, int number) => Begun.Add(row.Name);

    public void RowFinished(StudyRow row, StudySummary summary)
    {
        Finished.Add(row.Name);
        if (Finished.Count == StopAfter)
            Stop.Cancel();
    }

    public void Started(string stage)
    {
    }

    public void Progressed(string stage, double share)
    {
    }

    void IRunObserver.Finished(string stage, TimeSpan elapsed, string result) => Assert.NotEmpty(result);

    public void Note(string message) => Assert.NotEmpty(message);
}
