using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training.Checkpoints;

/// <summary>A tiny training with a checkpoint after every step, in a process of its own or in this one.</summary>
internal static class TrainingHost
{
    public const int Failed = 3;

    /// <summary>Runs in the child: goes on from the newest checkpoint until a step, and tells on the way what happened.</summary>
    public static int Run(string[] args)
    {
        RowParallel.Threads = 1;
        string folder = args[0];
        long last = long.Parse(args[1], CultureInfo.InvariantCulture);
        try
        {
            Train(folder, last, checkpointSteps: 1, Console.Out);
            return 0;
        }
        catch (IOException error)
        {
            Console.WriteLine($"error {error.Message}");
            Console.WriteLine($"intact {Path.GetFileName(CheckpointFolder.FindNewest(folder, out _))}");
            return Failed;
        }
    }

    /// <summary>Trains until a step, which is in the middle of the schedule.</summary>
    public static void Train(string folder, long last, long checkpointSteps, TextWriter output)
    {
        Mamba2LanguageModel model = TinyModels.Dense(new Mamba2Config { VocabSize = 24, DModel = 16, LayerCount = 1, DState = 8, HeadDim = 8, ChunkSize = 8 });
        LanguageModelObjective objective = new(model, TinyModels.Batches(model.Config, batch: 1, length: 8, tokens: 300));
        using CheckpointFolder checkpoints = new(folder, model) { Keep = 2 };
        using CancellationTokenSource stop = new();
        Trainer trainer = new(
            new TrainerOptions { Steps = 100_000, LearningRate = 1e-2f, MicroBatches = 2, CheckpointSteps = checkpointSteps },
            objective,
            new AdamW(objective.Parameters))
        {
            Checkpoints = checkpoints,
        };
        trainer.Resume(new Teller(output, null, 0));
        trainer.Run(new Teller(output, stop, last), stop.Token);
    }

    public static Process Start(string folder, long last) => Start("dotnet", [typeof(TrainingHost).Assembly.Location, folder, $"{last}"]);

    public static Process Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";   // instrumented code is slower for the first second, which is all there is
        return Process.Start(start)!;
    }

    private sealed class Teller(TextWriter output, CancellationTokenSource? stop, long last) : ITrainingObserver
    {
        public void Resumed(ResumedRun run) => Say($"resumed {run.Step} {string.Join(';', run.Damaged)}");

        public void Stepped(TrainingProgress progress)
        {
            if (progress.Step == last)
                stop?.Cancel();
        }

        public void Saved(SavedCheckpoint checkpoint) => Say($"saved {checkpoint.Step}");

        private void Say(string line)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
