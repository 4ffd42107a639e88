using SpikeEngine.Training;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>Runs of a second, on text made up for them.</summary>
internal static class TinyConfigs
{
    private static readonly string[] s_sizes =
    [
        "model.d_model=16", "model.n_layer=2", "model.d_state=4", "model.headdim=8", "model.chunk_size=8", "tokenizer.vocab_size=270",
    ];

    private static readonly string[] s_steps =
    [
        "data.sequence_length=16", "data.batch_size=2", "training.steps=12", "training.evaluate_every=4", "training.checkpoint_every=4", "optimizer.learning_rate=0.01",
    ];

    /// <summary>A text file of some documents.</summary>
    public static string Text(TemporaryFolder folder) => folder.Write(
        "text.txt", string.Join("<|endoftext|>", Enumerable.Range(0, 120).Select(i => $"The {i % 7}th cat of house {i % 5} sleeps until {i % 11} o'clock.\n")));

    public static string[] TrainSettings(TemporaryFolder folder) => [.. s_sizes, .. StepSettings(folder)];

    public static string[] StepSettings(TemporaryFolder folder) => [.. s_steps, $"data.cache={folder.File("cache")}"];

    public static RunConfig Train(TemporaryFolder folder, params string[] set) =>
        Read(RunKind.Train, [RunFlag.OfTexts("--data", "data.train", Text(folder)), .. Flags([.. TrainSettings(folder), .. set])]);

    /// <summary>A transformer in the place of Mamba2.</summary>
    public static RunConfig Transformer(TemporaryFolder folder) => Read(
        RunKind.Train,
        [
            RunFlag.OfTexts("--data", "data.train", Text(folder)),
            .. Flags(["model.architecture=opt", "model.d_model=16", "model.n_layer=2", "model.n_head=2", "model.max_positions=30", "tokenizer.vocab_size=270", .. StepSettings(folder)]),
        ]);

    public static RunConfig Distill(TemporaryFolder folder, string teacher, params string[] set) => Read(
        RunKind.Distill,
        [RunFlag.OfTexts("--data", "data.train", Text(folder)), RunFlag.OfTexts("--teacher", "distillation.teacher", teacher), .. Flags([.. StepSettings(folder), .. set])]);

    public static RunConfig Align(TemporaryFolder folder, string model, params string[] set)
    {
        string data = Preferences(folder);
        return Read(
            RunKind.Align,
            [
                RunFlag.OfTexts("--data", "data.train", data), RunFlag.OfTexts("--model", "model.from", model),
                .. Flags([.. StepSettings(folder), "data.sequence_length=64", $"data.validation={data}", .. set]),
            ]);
    }

    public static string Preferences(TemporaryFolder folder) => folder.Write("preferences.jsonl", string.Concat(Enumerable.Range(0, 10).Select(i =>
        $$"""{"prompt":"The cat {{i}}","chosen":" sleeps.","rejected":" barks."}""" + "\n")));

    private static RunConfig Read(RunKind kind, RunFlag[] flags) => RunConfig.Read(kind, null, flags);

    private static RunFlag[] Flags(string[] set) => [.. set.Select(RunFlag.Parse)];
}

/// <summary>Remembers what a run told, and can stop it after a step.</summary>
internal sealed class RecordingRun : IRunObserver
{
    public CancellationTokenSource Stop { get; } = new();

    public long StopAfter { get; init; } = long.MaxValue;

    public CancellationToken Token => Stop.Token;

    public List<string> Stages { get; } = [];

    public List<string> Notes { get; } = [];

    public List<TrainingProgress> Steps { get; } = [];

    public List<ValidationResult> Validations { get; } = [];

    public ResumedRun? ResumedFrom { get; private set; }

    public void Started(string stage) => Stages.Add(stage);

    public void Progressed(string stage, double share) => Assert.InRange(share, 0, 1);

    public void Finished(string stage, TimeSpan elapsed, string result) => Assert.NotEmpty(result);

    public void Note(string message) => Notes.Add(message);

    public void Stepped(TrainingProgress progress)
    {
        Steps.Add(progress);
        if (progress.Step == StopAfter)
            Stop.Cancel();
    }

    public void Validated(ValidationResult validation) => Validations.Add(validation);

    public void Resumed(ResumedRun run) => ResumedFrom = run;
}
