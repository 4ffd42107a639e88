using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// The study of SNN2ANN (section 4): the same network and images trained as an ANN, by SNN2ANN and through all steps, and the ANN converted. It is continued where it
/// was stopped.
/// </summary>
public sealed class ImageStudyRun
{
    private const string PlanFile = "plan.json";
    private const string Results = "results";
    private const string Runs = "runs";

    /// <summary>Settings that a study sets itself.</summary>
    private static readonly string[] s_own =
        ["preset", "seed", "method.name", "network.time_steps", "training.steps", "training.epochs", "training.tokens", "training.evaluate_every", "training.checkpoint_every"];

    private readonly ImageStudyOptions _options;
    private readonly string _folder;
    private readonly IImageStudyObserver _observer;
    private readonly CancellationToken _cancellation;
    private readonly ImageSet _train, _validation;

    private ImageStudyRun(ImageStudyOptions options, string folder, IImageStudyObserver observer, CancellationToken cancellation)
    {
        (_options, _folder, _observer, _cancellation) = (options, folder, observer, cancellation);
        if (options.Settings.Select(setting => RunFlag.Parse(setting).Setting).FirstOrDefault(s_own.Contains) is { } own)
            throw new InvalidDataException($"'{own}' is what the rows of the study differ in, or its plan; it cannot be set for all.");
        (_train, _validation) = ImageTrainRun.Sets(Config(new ImageStudyRow("", "", ImageMethod.Ann, 1, options.Seed), epochs: 1));
    }

    /// <summary>Runs what is missing.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="budget">Time for all of it, which decides how often the images are seen when the study is begun.</param>
    /// <param name="folder">The folder of the study.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <exception cref="InvalidDataException">Data or settings cannot be used, or the folder holds another study.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ImageStudySummary Run(
        ImageStudyOptions options, TimeSpan budget, string folder, IImageStudyObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        WritableFolder.Require(folder, $"--out {folder}");
        return new ImageStudyRun(options, folder, observer, cancellation).Run(budget);
    }

    private ImageStudySummary Run(TimeSpan budget)
    {
        Directory.CreateDirectory(Path.Combine(_folder, Results));
        IReadOnlyList<ImageStudyRow> rows = ImageStudyRow.Of(_options);
        ImageStudyPlan plan = Plan(budget, rows);
        _observer.Planned(plan, rows.Count);
        List<ImageRowResult> done = [];
        ImageRunConfig settings = Config(rows[0], plan.Epochs);
        string network = string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Network.Shape}, {ImageTrainRun.Network(settings, _train).Store.Parameters.Where(p => p.Trainable).Sum(p => (long)p.Count):N0} parameters, batches of {settings.Data.BatchSize}, learning rate {settings.Optimizer.LearningRate}");
        SpikePictures? pictures = null;
        ImageStudySummary summary = null!;
        foreach (ImageStudyRow row in rows)
        {
            _observer.RowStarted(row, done.Count + 1);
            string path = Path.Combine(_folder, Results, row.Name + ".json");
            if (StudyFile.Find(path, ImageStudyJson.Default.ImageRowResult, "result of a study's row") is not { } result)
            {
                result = Measure(row, plan.Epochs, done);
                StudyFile.Save(path, result, ImageStudyJson.Default.ImageRowResult);
            }

            done.Add(result);
            if (row.Name == ImageStudyRow.Snn2Ann)
                pictures = SpikePictures.Of(Load(row), _validation, index: 0);
            summary = new ImageStudySummary(_options, MachineDescription.Current(), plan.Epochs, network, _train.Count, _validation.Count, rows.Count, [.. done], pictures);
            StudyFile.Save(Path.Combine(_folder, ImageStudySummary.FileName), summary, ImageStudyJson.Default.ImageStudySummary);
            _observer.RowFinished(result, summary);
        }

        return summary;
    }

    /// <summary>The plan in the folder, which must be of the same study, or a new one.</summary>
    private ImageStudyPlan Plan(TimeSpan budget, IReadOnlyList<ImageStudyRow> rows)
    {
        string path = Path.Combine(_folder, PlanFile);
        if (StudyFile.Find(path, ImageStudyJson.Default.ImageStudyPlan, "plan of a study of images") is { } plan)
        {
            return Json(plan.Options) == Json(_options)
                ? plan
                : throw new InvalidDataException($"The study in {_folder} was begun with other data, settings or seeds: see {PlanFile}. Continue it with those, or choose another folder.");
        }

        plan = new ImageStudyPlan(_options, Epochs(budget, rows));
        StudyFile.Save(path, plan, ImageStudyJson.Default.ImageStudyPlan);
        return plan;

        static string Json(ImageStudyOptions options) => JsonSerializer.Serialize(new ImageStudyPlan(options, 0), ImageStudyJson.Default.ImageStudyPlan);
    }

    /// <summary>How often all rows can see all images, by the time of a few steps of each.</summary>
    private double Epochs(TimeSpan budget, IReadOnlyList<ImageStudyRow> rows)
    {
        const double ShareToMeasure = 0.2;
        double seconds = 0;
        foreach (ImageRunConfig config in rows.Where(r => r.Method is not null).Select(row => Config(row, epochs: 1)))
            seconds += Steps(config, warm: 5, measured: 5).Seconds * _train.Count / config.Data.BatchSize;
        double epochs = Math.Floor(budget.TotalSeconds * (1 - ShareToMeasure) / seconds);
        if (epochs < 1)
            _observer.Note("The images are seen once by every row, which takes longer than the budget.");
        return Math.Max(1, epochs);
    }

    /// <summary>Time of a step, and bytes that it needs at once for values, gradients of results and scratch.</summary>
    private (double Seconds, long Bytes) Steps(ImageRunConfig config, int warm, int measured)
    {
        ImageNetwork network = ImageTrainRun.Network(config, _train);
        ImageObjective objective = new(network, ImageTrainRun.Batches(config, _train), config.Method.Name, config.Method.Unit, config.Method.Surrogate);
        TrainingStep step = new(objective, RunOptimizer.Create(config, network.Store), average: null, microBatches: 1, (float)config.Training.ClipNorm);
        long start = 0;
        for (int i = 0; i < warm + measured; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (i == warm)
                start = Stopwatch.GetTimestamp();
            step.Run(1e-4f);
        }

        return (Stopwatch.GetElapsedTime(start).TotalSeconds / measured, step.WorkspaceBytes);
    }

    private ImageRowResult Measure(ImageStudyRow row, double epochs, List<ImageRowResult> done)
    {
        if (row.From is { } from)
            return Converted(row, done.First(r => r.Row.Name == from));
        ImageRunConfig config = Config(row, epochs);
        string folder = Folder(row);
        ExistingRun existing = File.Exists(Path.Combine(folder, RunSettings.FileName)) ? ExistingRun.Resume : ExistingRun.Refuse;
        RunResult run = ImageTrainRun.Run(config, folder, existing, _observer, _cancellation);
        if (run.Training.Interrupted)
            throw new OperationCanceledException(_cancellation);

        // Until the last step: the measurement after it is no part of the training.
        double seconds = MetricsLog.Read(Path.Combine(folder, MetricsFiles.JsonFile)).Lines[^1].Values.First(v => v.Key == MetricColumns.Elapsed).Value;
        const int CopiesOfParameters = 4;
        long bytes = Steps(config, warm: 1, measured: 1).Bytes + CopiesOfParameters * sizeof(float) * run.Parameters;
        ImageNetwork network = Load(row);
        if (row.Method == ImageMethod.Ann)
            return Result(row, run.Training.Steps, ImageEvaluation.OfAnn(network, _validation, _cancellation), seconds, bytes, ImageEnergyReport.OfAnn(network).Total.DensePicojoules / 1e3);
        ImageScore score = ImageEvaluation.OfSpikes(network, _validation, _cancellation);
        return Result(row, run.Training.Steps, score, seconds, bytes, score.Energy!.Total.SpikingPicojoules / 1e3);
    }

    private ImageRowResult Converted(ImageStudyRow row, ImageRowResult ann)
    {
        long start = Stopwatch.GetTimestamp();
        ImageNetwork network = ThresholdBalancing.Convert(Load(ann.Row), _train, row.TimeSteps);
        double seconds = ann.TrainingS + Stopwatch.GetElapsedTime(start).TotalSeconds;
        Directory.CreateDirectory(Folder(row));
        AtomicFolder.Write(Path.Combine(Folder(row), RunFolder.Model), partial => ImageModelFolder.Save(partial, network));
        ImageScore score = ImageEvaluation.OfSpikes(network, _validation, _cancellation);
        return Result(row, ann.Steps, score, seconds, ann.TrainingBytes, score.Energy!.Total.SpikingPicojoules / 1e3);
    }

    private static ImageRowResult Result(ImageStudyRow row, long steps, ImageScore score, double seconds, long bytes, double energy) => new()
    {
        Row = row, Steps = steps, Accuracy = score.Accuracy, StandardError = score.StandardError, TrainingS = seconds, TrainingBytes = bytes, EnergyNj = energy,
        SpikeRate = score.Rates?.Mean, SpikesPerImage = score.Rates?.PerImage, SiteRates = score.Rates?.Sites ?? [],
    };

    /// <summary>No measuring and no checkpoints within a training: they would count as its time.</summary>
    private ImageRunConfig Config(ImageStudyRow row, double epochs)
    {
        List<RunFlag> flags =
        [
            RunFlag.OfTexts("preset", "preset", _options.Preset), RunFlag.OfTexts("data", "data.train", _options.Data), .. _options.Settings.Select(RunFlag.Parse),
            Number("network.time_steps", row.TimeSteps), Number("seed", row.Seed), Number("training.epochs", epochs),
            RunFlag.Of("row", "training.evaluate_every", "null"), RunFlag.Of("row", "training.checkpoint_every", "null"),
        ];
        if (_options.Validation.Count > 0)
            flags.Add(RunFlag.OfTexts("data-validation", "data.validation", _options.Validation));
        return ImageRunConfig.ReadShared(file: null, flags).For(row.Method!.Value);

        static RunFlag Number(string setting, IFormattable value) => RunFlag.Of("row", setting, value.ToString(null, CultureInfo.InvariantCulture));
    }

    private string Folder(ImageStudyRow row) => Path.Combine(_folder, Runs, row.Name);

    private ImageNetwork Load(ImageStudyRow row) => ImageModelFolder.Load(Path.Combine(Folder(row), RunFolder.Model));
}
