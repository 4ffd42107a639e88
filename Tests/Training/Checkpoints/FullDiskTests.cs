using System.Diagnostics;

namespace SpikeEngine.Tests.Training.Checkpoints;

/// <summary>A disk that is really full.</summary>
public class FullDiskTests
{
    [SmallDiskFact]
    public void AFullDiskStopsTheRunAndLeavesTheCheckpointBefore()
    {
        using TemporaryFolder folder = new();
        using Process process = TrainingHost.Start("unshare", [.. SmallDiskFactAttribute.Unshare, "sh", "-c",
            $"mount -t tmpfs -o size=120k tmpfs '{folder.Path}' && exec dotnet '{typeof(TrainingHost).Assembly.Location}' '{folder.Path}/checkpoints' 100"]);
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();

        Assert.Equal(TrainingHost.Failed, process.ExitCode);
        string saved = lines[^3], error = lines[^2], intact = lines[^1];
        Assert.StartsWith("saved ", saved, StringComparison.Ordinal);
        int step = int.Parse(saved["saved ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"intact step-{step:D8}", intact);
        Assert.Contains($"Checkpoint step-{step + 1:D8} was not saved", error, StringComparison.Ordinal);
        Assert.Contains("No space left", error, StringComparison.Ordinal);
        Assert.Contains($"the checkpoint before it is intact: {folder.Path}/checkpoints/step-{step:D8}", error, StringComparison.Ordinal);
    }
}

/// <summary>A test that needs a disk of its own, which Linux gives to root and, on most systems, to everybody.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public static string[] Unshare { get; } = ["--user", "--map-root-user", "--mount"];

    public SmallDiskFactAttribute()
    {
        if (!CanMount())
            Skip = "needs `unshare --user --mount` of Linux, which this system does not have or does not allow";
    }

    private static bool CanMount()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            using Process process = TrainingHost.Start("unshare", [.. Unshare, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
