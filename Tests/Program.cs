using SpikeEngine.Tests.Training.Checkpoints;

namespace SpikeEngine.Tests;

/// <summary>What a test runs in a process of its own, to be killed or to run out of disk: <c>dotnet SpikeEngine.Tests.dll FOLDER STEP</c>.</summary>
internal static class Program
{
    public static int Main(string[] args) => TrainingHost.Run(args);
}
