using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>
/// The SpikingMamba study: a dense teacher, students that differ in one thing each, alignment, and what becomes of accuracy, energy
/// and speed. Every row has its folder, its seed and its result; a study that was stopped, or killed, goes on where it was.
/// </summary>
public sealed class StudyRun
{
    /// <summary>Folder of the rows' runs, within that of the study.</summary>
    public const string Runs = "runs";

    /// <summary>Folder of the rows' results.</summary>
    public const string Results = "results";

    private const int MadePairs = 1_500;

    private readonly StudyOptions _options;
    private readonly RunFormats _formats;
    private readonly IStudyObserver _observer;
    private readonly CancellationToken _cancellation;
    private readonly List<RowResult> _done = [];
    private StudyMeasurement? _measurement;

    private StudyRun(StudyOptions options, RunFormats formats, IStudyObserver observer, CancellationToken cancellation)
    {
        (_options, _formats, _observer, _cancellation) = (options, formats, observer, cancellation);
    }

    /// <summary>Begins a study or continues it, to its end.</summary>
    /// <param name="options">What it is made from.</param>
    /// <param name="formats">What can be read beyond text and JSON lines.</param>
    /// <param name="observer">Told of everything; after each row of the study so far.</param>
    /// <param name="cancellation">Stops it; what is done stays.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or is not that with which the study was begun.</exception>
    /// <exception cref="IOException">The folder holds something else, or a file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">Data or a model cannot be used, or a row that is there was made otherwise.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static StudySummary Run(StudyOptions options, RunFormats formats, IStudyObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(formats);
        ArgumentNullException.ThrowIfNull(observer);
        options.Validate();
        return new StudyRun(options, formats, observer, cancellation).Run();
    }

    private StudySummary Run()
    {
        IReadOnlyList<StudyRow> rows = StudyRows.Of(_options);
        StudyPlan plan = Plan(rows);
        _observer.Planned(plan, rows);
        StudySummary summary = new(plan, MachineDescription.Current(), rows.Count, []);
        for (int i = 0; i < rows.Count; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            StudyRow row = rows[i].From == StudyRows.Best ? After(rows[i], summary.BestStudent!) : rows[i];
            string path = Path.Combine(_options.Folder, Results, row.Name + ".json");
            if (RowResult.Find(path) is not { } result)
            {
                _observer.RowStarted(row, i + 1);
                result = Do(row, plan);
                result.Save(path);
            }
            else
            {
                result.RequireOf(row, path);
            }

            _done.Add(result);
            summary = summary with { Rows = [.. _done] };
            summary.Save(_options.Folder);
            _observer.RowFinished(row, summary);
        }

        return summary;
    }

    private static StudyRow After(StudyRow row, RowResult best) =>
        row with { From = best.Name, Label = row.Label.Replace(StudyRows.Best, best.Label, StringComparison.Ordinal) };

    private StudyPlan Plan(IReadOnlyList<StudyRow> rows)
    {
        if (StudyPlan.Find(_options.Folder) is { } plan)
        {
            plan.RequireSame(_options);
            return plan;
        }

        if (File.Exists(_options.Folder) || (Directory.Exists(_options.Folder) && Directory.EnumerateFileSystemEntries(_options.Folder).Any()))
            throw new IOException($"--out {_options.Folder} is not empty and holds no study: it has no {StudyPlan.FileName}. Choose another.");
        WritableFolder.Require(_options.Folder, $"--out {_options.Folder}");
        RequireInputs();
        (int? teacherSteps, int studentSteps) = _observer.Run(
            "pace", _ => Steps(rows), s => FormattableString.Invariant($"{(s.Teacher is { } t ? $"{t:N0} steps for the teacher, " : "")}{s.Student:N0} for a short row"));
        if (studentSteps == 1)
            _observer.Note("Every row has a step, which with its measurement may take longer than the budget.");
        plan = new StudyPlan(
            _options.System, _options.Teacher, _options.TeacherConfig, _options.Data, _options.Validation, _options.Preferences, _options.PreferencesValidation,
            _options.Tasks, _options.Seeds, _options.Seed, teacherSteps, studentSteps);
        Directory.CreateDirectory(Path.Combine(_options.Folder, Runs));
        Directory.CreateDirectory(Path.Combine(_options.Folder, Results));
        plan.Save(_options.Folder);
        return plan;
    }

    /// <summary>What is not there is said before anything is fixed, and not after an hour.</summary>
    private void RequireInputs()
    {
        DataSettings text = new() { Train = _options.Data };
        RunText.Source(text, _options.Data, _formats, _observer, _cancellation);
        if (_options.Validation.Count > 0)
            RunText.Source(text, _options.Validation, _formats, _observer, _cancellation);
        foreach (string file in _options.Preferences.Concat(_options.PreferencesValidation))
            PreferenceFile.ReadPairs(file, _cancellation);
        if (_options.Tasks.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
            throw new DirectoryNotFoundException($"--tasks {missing} does not exist.");
        if (_options.Teacher is { } teacher)
            RequireTeacher(teacher, ModelConfig.Load(teacher));
    }

    private void RequireTeacher(string teacher, LanguageModelConfig config)
    {
        if (config.IsSpiking)
            throw new InvalidDataException($"--teacher {teacher} is spiking already; a dense model is distilled.");
        if (config is OptConfig != (_options.System == StudySystem.BiSpikClm))
            throw new InvalidDataException($"--teacher {teacher} is of type {config.ModelType}, which is not what this system distils: bispikclm takes opt, spikingmamba takes mamba2.");
    }

    private (int? Teacher, int Student) Steps(IReadOnlyList<StudyRow> rows)
    {
        StudyConfigs configs = new(_options, null);
        RunConfig? train = _options.Teacher is null ? configs.Of(rows[0]) : null;
        LanguageModel model = train is null
            ? ModelFolder.Load(_options.Teacher!)
            : train.Model.ToConfig(train.Tokenizer.VocabSize ?? Tokenization.BytePairTrainer.DefaultVocabSize, train.Data.SequenceLength).NewModel(ParameterStore.Random(train.Seed));
        StudyRow[] distilled = [.. rows.Where(r => r.Kind == RunKind.Distill)];
        return StudyPace.Plan(
            TimeSpan.FromMinutes(_options.BudgetMinutes), model, train, configs.Of(distilled[0]), distilled.Sum(r => r.Length * r.Cost));
    }

    private RowResult Do(StudyRow row, StudyPlan plan)
    {
        StudyConfigs configs = new(_options, plan);
        string model = configs.ModelOf(row);
        if (row.Kind is { } kind && !Directory.Exists(model))
            Train(kind, configs.Of(row), configs.RunOf(row.Name));
        _measurement ??= new StudyMeasurement(_options, configs, _formats, _observer, _cancellation);
        RowResult result = _measurement.Of(row, model);
        return row.Kind is null ? result : WithTraining(result, configs.RunOf(row.Name));
    }

    private void Train(RunKind kind, RunConfig config, string folder)
    {
        if (kind == RunKind.Align && _options.Preferences.Count == 0)
            MakePairs(config);
        ExistingRun existing = File.Exists(Path.Combine(folder, RunConfig.FileName)) ? ExistingRun.Resume : ExistingRun.Refuse;
        RunResult result = kind switch
        {
            RunKind.Train => TrainRun.Run(config, folder, existing, _formats, _observer, _cancellation),
            RunKind.Distill => DistillRun.Run(config, folder, existing, _formats, _observer, _cancellation),
            _ => AlignRun.Run(config, folder, existing, _observer, _cancellation),
        };
        if (result.Training.Interrupted)
            throw new OperationCanceledException(_cancellation);
    }

    private void MakePairs(RunConfig config)
    {
        if (File.Exists(config.Data.Train[0]) && File.Exists(config.Data.Validation[0]))
            return;
        DataSettings text = new() { Train = _options.Data };
        IDocumentSource source = RunText.Source(text, text.Train, _formats, _observer, _cancellation);
        GeneratedPairs.Write(source, MadePairs, _options.Seed, config.Data.Train[0], config.Data.Validation[0], _cancellation);
    }

    private static RowResult WithTraining(RowResult result, string run)
    {
        MetricsLine last = MetricsLog.Read(Path.Combine(run, MetricsFiles.JsonFile)).Lines[^1];
        return result with
        {
            Steps = last.Step,
            TrainingS = last[MetricColumns.Elapsed],
            Validation = new SortedDictionary<string, double>(
                last.Values.Where(v => MetricColumns.IsValidation(v.Key) && double.IsFinite(v.Value)).ToDictionary()),
        };
    }
}
