using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Tests.Training.Quickstart;

/// <summary>A quickstart of a few seconds on text made up for it.</summary>
internal static class TinyQuickstart
{
    private static readonly string[] s_subjects = ["The stream", "A reader", "The buffer", "This value", "The parser", "Every writer", "The index", "A token"];
    private static readonly string[] s_verbs = ["returns", "copies", "checks", "contains", "closes", "replaces", "counts"];
    private static readonly string[] s_objects = ["the first element", "all bytes", "an empty list", "the current position", "its parent", "a new line"];
    private static readonly string[] s_ends = ["before it ends", "when asked for", "at the given offset", "without a copy", "in order", "for each call"];

    public static QuickstartOptions Options(TemporaryFolder folder, string output = "out") => new()
    {
        TextFiles = [folder.Write("text.txt", Text(1200))],
        OutputFolder = folder.File(output),
        VocabSize = 320,
        DModel = 32,
        LayerCount = 2,
        DState = 8,
        HeadDim = 16,
        ChunkSize = 16,
        BatchSize = 8,
        SequenceLength = 32,
        TeacherSteps = 60,
        StudentSteps = 30,
        TeacherLearningRate = 1e-2f,
        StudentLearningRate = 3e-3f,
        Spiking = new SpikingConfig { Levels = 4 },
        ClozeItems = 40,
        DecodeTokens = 20,
        DecodeRounds = 3,
        SampleTokens = 12,
    };

    private static string Text(int lines)
    {
        SeededRandom random = new(7, "text");
        return string.Join('\n', Enumerable.Range(0, lines).Select(i =>
            $"{Pick(s_subjects)} {Pick(s_verbs)} {Pick(s_objects)} {Pick(s_ends)}, as number {i} shows."));

        string Pick(string[] words) => words[random.NextInt(words.Length)];
    }
}

/// <summary>Remembers what a run told; can stop it at a stage.</summary>
internal sealed class RecordingObserver : IQuickstartObserver
{
    public List<QuickstartStage> Stages { get; } = [];

    public List<string> Notes { get; } = [];

    public int Steps { get; private set; }

    public QuickstartStage? StopAt { get; init; }

    public CancellationTokenSource Stop { get; } = new();

    public void Started(QuickstartStage stage)
    {
        Stages.Add(stage);
        if (stage == StopAt)
            Stop.Cancel();
    }

    public void Trained(QuickstartStage stage, TrainingProgress progress) => Steps++;

    public void Finished(QuickstartStage stage, TimeSpan elapsed, string result)
    {
    }

    public void Note(string message) => Notes.Add(message);
}
