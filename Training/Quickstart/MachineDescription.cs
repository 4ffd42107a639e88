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
public sealed record MachineDescription(
    string Cpu, int LogicalCores, string Os, string Architecture, string Dotnet, int Lanes, int Threads)
{
    /// <summary>This machine, with the settings of this moment.</summary>
    public static MachineDescription Current() => new(
        Processor.Name,
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        Simd.Lanes,
        RowParallel.Threads);
}
