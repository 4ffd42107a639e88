using System.Reflection;
using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine.Training.Quickstart;

/// <summary>What a measurement was taken on.</summary>
/// <param name="Cpu">Name of the processor, or its architecture where the system does not tell.</param>
/// <param name="LogicalCores">Processors that the process may use.</param>
/// <param name="Os">Operating system.</param>
/// <param name="Architecture">Of the process.</param>
/// <param name="Dotnet">Runtime.</param>
/// <param name="Lanes">Floats per register in use.</param>
/// <param name="Threads">Threads in use.</param>
/// <param name="Commit">What the engine was built from, or null where the build did not know.</param>
public sealed record MachineDescription(
    string Cpu, int LogicalCores, string Os, string Architecture, string Dotnet, int Lanes, int Threads, string? Commit = null)
{
    /// <summary>This machine, with the settings of this moment.</summary>
    public static MachineDescription Current() => new(
        Processor.Name,
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        Simd.Lanes,
        RowParallel.Threads,
        BuildCommit());

    /// <summary>The SDK appends it to the version, after a plus, when it builds in a git repository.</summary>
    private static string? BuildCommit() =>
        typeof(MachineDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion is { } version
        && version.Split('+', 2) is [_, string commit]
            ? commit
            : null;
}
