using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Training.Checkpoints;
using Xunit.Abstractions;

namespace SpikeEngine.Tests.Training.Checkpoints;

/// <summary>
/// A training that is killed again and again, most often while it saves, loses nothing that it has announced as saved, and ends
/// with the bits of one that was left alone.
/// </summary>
[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public class KillTests(ITestOutputHelper output)
{
    private const int Kills = 50, MostKills = 200;
    private const int DuringWrites = 10;   // at least so many; how likely a kill meets a write depends on the disk and on what else the machine does
    private const int EarlyEvery = 6;   // one in so many is killed while it starts, the others around a save
    private const int MostSavesBefore = 3;
    private const int MostEarlyMilliseconds = 500;
    private const double MostMicrosecondsAfterSave = 12_000;

    [Fact]
    public void AKilledRunLosesNothingThatWasSaved()
    {
        using TemporaryFolder folder = new();
        string killed = folder.File("killed"), whole = folder.File("whole");
        SeededRandom random = new(1, "kills");
        long announced = 0;
        int partial = 0, removed = 0, kill = 0;
        for (; kill < Kills || (partial < DuringWrites && kill < MostKills); kill++)
        {
            using (Process process = TrainingHost.Start(killed, long.MaxValue))
            {
                announced = Math.Max(announced, Kill(process, random, early: kill % EarlyEvery == 0));
            }

            if (!Directory.Exists(killed))
                continue;
            string[] names = [.. Directory.GetDirectories(killed).Select(path => Path.GetFileName(path))];
            partial += names.Any(name => name.Contains(".partial-", StringComparison.Ordinal)) ? 1 : 0;
            removed += names.Any(name => name.Contains(".removed-", StringComparison.Ordinal)) ? 1 : 0;
            string? newest = CheckpointFolder.FindNewest(killed, out IReadOnlyList<string> damaged);
            Assert.Empty(damaged);
            Assert.InRange(newest is null ? 0 : TrainingCheckpoint.Verify(newest), announced, long.MaxValue);
        }

        output.WriteLine($"{kill} kills: {partial} while a checkpoint was written, {removed} while one was removed; {announced} steps");
        Assert.InRange(partial, DuringWrites, kill);

        long last = announced + 5;
        using (Process process = TrainingHost.Start(killed, last))
        {
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        TrainingHost.Train(whole, last, checkpointSteps: 0, TextWriter.Null);
        string name = string.Create(CultureInfo.InvariantCulture, $"step-{last:D8}");
        foreach (string file in new[] { "model.safetensors", "training.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, name, file)), File.ReadAllBytes(Path.Combine(killed, name, file)));
        Assert.Equal(3, Directory.GetFileSystemEntries(killed).Length);   // two checkpoints and the lock: nothing is left of the killed ones
    }

    /// <summary>Kills it at a random moment.</summary>
    /// <returns>The last step that it said it had saved.</returns>
    private static long Kill(Process process, SeededRandom random, bool early)
    {
        long saved = 0;
        if (early)
        {
            Thread.Sleep(random.NextInt(MostEarlyMilliseconds));
        }
        else
        {
            int saves = 1 + random.NextInt(MostSavesBefore);
            while (saves > 0 && process.StandardOutput.ReadLine() is { } line)
            {
                saves -= line.StartsWith("saved", StringComparison.Ordinal) ? 1 : 0;
                saved = Math.Max(saved, Step(line));
            }

            TimeSpan wait = TimeSpan.FromMicroseconds(random.NextFloat() * MostMicrosecondsAfterSave);
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < wait;)
                Thread.SpinWait(100);
        }

        process.Kill();
        process.WaitForExit();
        while (process.StandardOutput.ReadLine() is { } line)
            saved = Math.Max(saved, Step(line));
        return saved;
    }

    /// <summary>Of <c>saved 17</c> or <c>resumed 17</c>. A line that the kill has cut says less than was saved, never more.</summary>
    private static long Step(string line) => long.TryParse(line.Split(' ') is [_, var step, ..] ? step : "", CultureInfo.InvariantCulture, out long n) ? n : 0;
}
