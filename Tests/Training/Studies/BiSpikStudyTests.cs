using SpikeEngine.Cli.Studies;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Tests.Training.Studies;

/// <summary>The study of BiSpikCLM: its rows, what is refused, and what is shown of results.</summary>
public sealed class BiSpikStudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_have_names_of_their_own_and_settings_that_runs_take()
    {
        StudyOptions options = Options();
        IReadOnlyList<StudyRow> rows = StudyRows.Of(options);
        Assert.Equal(rows.Count, rows.Select(r => r.Name).Distinct().Count());
        StudyConfigs configs = new(options, Plan(options));
        foreach (StudyRow row in rows)
            Assert.Equal(row.Kind, configs.Of(row).Kind);
        Assert.Equal((150, 10), (configs.Of(rows.First(r => r.Name == BiSpikRows.LongStudent)).Training.Steps, configs.Of(rows.First(r => r.Name == BiSpikRows.ShortStudent)).Training.Steps));
        Assert.Equal(
            [RowMeasures.Tasks | RowMeasures.PaperTasks, RowMeasures.Tasks | RowMeasures.PaperTasks, RowMeasures.None],
            ((string[])["random-start", "no-sta", $"steps-4-seed{options.Seed + 1}"]).Select(name => rows.First(r => r.Name == name).Measures));
        RunConfig paper = configs.Of(rows.First(r => r.Name == "paper"));
        Assert.Equal(new StudentSettings(), paper.Student);
        Assert.Equal(4, configs.Of(rows.First(r => r.Name == "steps-4")).Student.Neurons.TimeSteps);
        Assert.Equal(5, rows.Count(r => r.Seed == options.Seed && r.Settings.Any(s => s.StartsWith("spad.", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_teacher_of_the_other_kind_is_refused()
    {
        string teacher = _folder.File("teacher");
        Directory.CreateDirectory(teacher);
        ModelFolder.Save(teacher, TinyModels.Dense());
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => StudyRun.Run(
            Options() with { Teacher = teacher, Data = [_folder.Write("text.txt", "A cat.")] }, RunFormats.BuiltIn, new RecordingStudy(), default));
        Assert.Contains("bispikclm takes opt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_are_of_the_teachers_accuracy_and_energy_and_all_of_it_is_shown()
    {
        StudyOptions options = Options();
        RowResult teacher = Row(StudyRows.Teacher, StudyGroup.Teacher, "1110", 100, 200, 7.5), student = Row(BiSpikRows.LongStudent, StudyGroup.Students, "1100", 4, 20, 9);
        StudySummary study = new(Plan(options), MachineDescription.Current(), 4, [teacher, student, Row(BiSpikRows.ShortStudent, StudyGroup.Ablations, "1000", 5, 21, 20), Row("no-sta", StudyGroup.Ablations, "0100", 6, 22, 21) with { Tasks = [] }]);
        Assert.Equal(2.0 / 3, study.AccuracyShare(student)!.Value, 1e-12);
        Assert.Equal((0.04, 0.1), study.EnergyShare(student));
        StudyTable[] tables = [.. StudyTables.Of(study)];
        Assert.Equal(["Teacher and student", "Steps, blocks, and SpAD without each of its terms", "Steps and blocks: tasks, spikes, energy", "The tasks whose mean decides"], tables.Select(t => t.Title));
        Assert.Contains("66.7 %", tables[0].Rows[1].Cells);
        Assert.Contains("4.00 %", tables[0].Rows[1].Cells);
        Assert.Contains("1.000", tables[1].Rows[1].Cells);   // perplexity above the first line's
        Assert.Equal([BiSpikRows.ShortStudent], tables[2].Rows.Select(r => r.Name));
        Assert.All(tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Cells.Length)));
        Assert.Equal(3, StudyCharts.Of(study).Count());
        StudyPage.Write(_folder.Path, study);
        Assert.Contains("BiSpikCLM: the study", File.ReadAllText(_folder.File(StudyPage.FileName)), StringComparison.Ordinal);
    }

    private StudyOptions Options() => new() { System = StudySystem.BiSpikClm, Folder = _folder.File("study"), Seeds = 2 };

    private static StudyPlan Plan(StudyOptions options) => new(options.System, null, null, options.Data, [], [], [], [], options.Seeds, options.Seed, 100, 10);

    private static RowResult Row(string name, StudyGroup group, string right, double block, double model, double perplexity) => new()
    {
        Name = name, Group = group, Label = name, Seed = 1, Settings = [], Perplexity = perplexity, BitsPerByte = 1, Energy = new EnergyFiguresPj(block, model),
        Spikes = group == StudyGroup.Teacher ? null : new SpikeFigures(0.1, 0.1, 0.1, 9, 8, 7), Tasks = [new TaskScore("cloze", "acc", right.Count(c => c == '1') / 4.0, 0.1, right)],
    };
}
