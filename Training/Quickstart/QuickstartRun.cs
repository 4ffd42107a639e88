using System.Globalization;
using System.Reflection;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Quickstart;

/// <summary>The whole way on one text: corpus, tokenizer, Mamba2 teacher, SpikingMamba student, comparison, files.</summary>
public sealed class QuickstartRun
{
    private readonly QuickstartOptions _options;
    private readonly StageLog _log;
    private readonly TimeBudget _time;
    private readonly CancellationToken _cancellation;

    private QuickstartRun(QuickstartOptions options, IQuickstartObserver observer, CancellationToken cancellation)
    {
        _options = options;
        _log = new StageLog(observer);
        _time = new TimeBudget(TimeSpan.FromMinutes(options.Minutes));
        _cancellation = cancellation;
    }

    /// <summary>Runs it, and writes the output folder at its end, whole or not at all.</summary>
    /// <param name="options">Sizes, steps and seed.</param>
    /// <param name="observer">Told of every stage and step.</param>
    /// <param name="cancellation">Stops within a second; nothing is written then.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the text is too short for it.</exception>
    /// <exception cref="IOException">The output folder is not of an earlier run, or a file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">The text is not usable, or a trained model is not: its perplexity is not finite.</exception>
    /// <exception cref="TrainingDivergedException">Training stopped because loss or gradient was not finite several times in a row.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static QuickstartReport Run(QuickstartOptions options, IQuickstartObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        options.Validate();
        OutputFolder.Check(options.OutputFolder);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("spike-quickstart-");
        try
        {
            return new QuickstartRun(options, observer, cancellation).Run(Path.Combine(scratch.FullName, "tokenizer.json"));
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private QuickstartReport Run(string tokenizerPath)
    {
        QuickstartText text = QuickstartText.Prepare(_options, tokenizerPath, _log, _cancellation);

        Mamba2LanguageModel teacher = new(_options.Config(text.Tokenizer.VocabSize), ParameterStore.Random(_options.Seed));
        TrainingResult teacherTraining = Train(
            QuickstartStage.Teacher, batches => new LanguageModelObjective(teacher, batches), _options.TeacherTraining(), text,
            _time.ForTeacher(_options.TeacherShare));
        ModelScores teacherScores = Evaluate(QuickstartStage.TeacherEvaluation, teacher, text, spikes: null);

        Mamba2LanguageModel student = teacher.ToSpikingStudent(_options.Spiking, new SmoothedCompensation(CompensationForm.ValuePreserving));
        TimeSpan evaluation = TimeSpan.FromSeconds(_log.Times[^1].Seconds);
        TrainingResult studentTraining = Train(
            QuickstartStage.Student, batches => new DistillationObjective(teacher, student, batches, _options.Distillation),
            _options.StudentTraining(), text, _time.ForStudent(evaluation));
        SpikeStatistics spikes = new(_options.LayerCount);
        ModelScores studentScores = Evaluate(QuickstartStage.StudentEvaluation, student, text, spikes);

        Mamba2Decoder dense = new(teacher), spiking = new(student);
        DecodeSpeed speed = _log.Run(
            QuickstartStage.DecodeSpeed,
            () => DecodeSpeed.Compare(dense, spiking, text.Validation.Ids, _options.DecodeTokens, _options.DecodeRounds, _cancellation),
            s => string.Create(CultureInfo.InvariantCulture, $"dense {s.First:N0} tokens/s, spikes {s.Second:N0}, {s.Ratio:F2}x"));
        SampleSummary sample = _log.Run(
            QuickstartStage.Samples, () => TextSamples.Take(dense, spiking, text, _options, _cancellation), s => $"\"{s.Prompt} ...\"");

        SpikeCounts total = spikes.Total;
        double unigram = UnigramModel.Perplexity(text.Train.Ids, text.Validation.Ids, text.Tokenizer.VocabSize);
        teacherScores = teacherScores with { DecodeTokS = speed.First };
        studentScores = studentScores with { DecodeTokS = speed.Second };
        QuickstartReport report = new()
        {
            Version = Version(),
            ElapsedS = _time.Elapsed.TotalSeconds,
            UnigramPpl = unigram,
            UnigramBitsPerByte = ModelEvaluation.BitsPerByte(unigram, text.Validation),
            Teacher = teacherScores,
            Student = new StudentScores(
                studentScores, ModelEvaluation.Layers(spikes), total.Density, total.MeanMagnitude, total.NegativeShare),
            Ratios = new ReportRatios(
                studentScores.ValPpl / teacherScores.ValPpl, 100 * (teacherScores.ClozeAcc - studentScores.ClozeAcc), speed.Ratio,
                teacherScores.ValPpl / unigram),
            Energy = EnergySummary.Of(student.Config, spikes, _options.Energy),
            Corpus = CorpusSummary.Of(text),
            TeacherTraining = TrainingSummary.Of(_options.TeacherTraining(), teacherTraining),
            StudentTraining = TrainingSummary.Of(_options.StudentTraining(), studentTraining),
            Sample = sample,
            Stages = [.. _log.Times],
            Notes = [.. _log.Notes],
            Settings = _options with { Sampling = _options.Sampling with { Seed = _options.Seed } },
            Machine = MachineDescription.Current(),
        };
        return _log.Run(QuickstartStage.Saving, () =>
        {
            OutputFolder.Write(_options.OutputFolder, teacher, student, tokenizerPath, report, _cancellation);
            return report;
        }, _ => _options.OutputFolder);
    }

    private TrainingResult Train(
        QuickstartStage stage, Func<TokenBatches, Objective> makeObjective, TrainingPlan plan, QuickstartText text, TimeSpan budget)
    {
        TrainingResult result = _log.Run(
            stage,
            () =>
            {
                Objective objective = makeObjective(new TokenBatches(new TokenList(text.Train.Ids), plan.BatchSize, plan.SequenceLength, plan.Seed));
                Trainer trainer = new(plan.Trainer with { Budget = budget }, objective, new AdamW(objective.Parameters, plan.Optimizer));
                TrainingResult trained = trainer.Run(_log.Training(stage), _cancellation);
                _cancellation.ThrowIfCancellationRequested();
                return trained;
            },
            r => string.Create(CultureInfo.InvariantCulture, $"{r.Steps:N0} steps, loss {r.FinalLoss:F3}, {r.TokensPerSecond:N0} tokens/s"));
        if (result.Steps < plan.Steps)
        {
            _log.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{stage}: {result.Steps:N0} of the {plan.Steps:N0} planned steps fit into {_options.Minutes} min on this machine; results are below those of the full plan."));
        }

        return result;
    }

    private ModelScores Evaluate(QuickstartStage stage, Mamba2LanguageModel model, QuickstartText text, SpikeStatistics? spikes) => _log.Run(
        stage,
        () => ModelEvaluation.Measure(model, text, _options.EvaluationWindow, spikes, _cancellation),
        s => string.Create(
            CultureInfo.InvariantCulture, $"perplexity {s.ValPpl:F2}, {s.BitsPerByte:F3} bits per byte, cloze {100 * s.ClozeAcc:F1} %"));

    private static string Version() =>
        typeof(QuickstartRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
