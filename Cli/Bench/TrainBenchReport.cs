using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary>What <c>spike bench train</c> measured, with the yardstick of the same run.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Shape">The model in words.</param>
/// <param name="Parameters">Numbers that the model consists of.</param>
/// <param name="Memory">What a step takes and needs.</param>
/// <param name="Rows">One measurement each.</param>
internal sealed record TrainBenchReport(
    MachineDescription Machine, string Shape, long Parameters, TrainMemoryReport Memory, IReadOnlyList<TrainBenchRow> Rows);

/// <summary>Bytes of a training step of the dense model.</summary>
/// <param name="Weights">Values of the parameters.</param>
/// <param name="Gradients">Their gradients.</param>
/// <param name="Moments">The optimiser's.</param>
/// <param name="Activations">Results of the forward pass that the equations need again.</param>
/// <param name="Needed">The sum of these.</param>
/// <param name="Held">Parameters, gradients and moments, and all memory that steps take for results, their gradients and scratch.</param>
/// <param name="HeldOfNeeded">Held over needed.</param>
/// <param name="Process">By how much the process grew at its largest, compiled code and the runtime's own memory included.</param>
internal sealed record TrainMemoryReport(
    long Weights, long Gradients, long Moments, long Activations, long Needed, long Held, double HeldOfNeeded, long Process);

/// <summary>One measurement: medians of several steps, in turns with the others of its kind and with multiply-adds. What does not apply is left out.</summary>
internal sealed record TrainBenchRow
{
    /// <summary>dense; or spiking, the student of the same sizes with its embedding frozen; spiking_all, with nothing frozen.</summary>
    public required string Model { get; init; }

    /// <summary>Threads in use.</summary>
    public required int Threads { get; init; }

    /// <summary>Sequences in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Tokens in a sequence.</summary>
    public required int Length { get; init; }

    /// <summary>Milliseconds of a step, the median.</summary>
    public required double Ms { get; init; }

    /// <summary>Milliseconds of the fastest step.</summary>
    public required double MsMin { get; init; }

    /// <summary>Milliseconds of the slowest step.</summary>
    public required double MsMax { get; init; }

    /// <summary>Tokens in a second.</summary>
    public required double TokS { get; init; }

    /// <summary>Billions of multiply-adds, counted as two, in a second: products of matrices and the scan's chunks, nothing else.</summary>
    public required double Gflops { get; init; }

    /// <summary>The same as a share of multiply-adds on registers alone, on as many threads, in turns.</summary>
    public required double OfPeak { get; init; }

    /// <summary>Time over that of the dense model on as many threads.</summary>
    public double? TimeOfDense { get; init; }

    /// <summary>Speed over that of the same model on one thread.</summary>
    public double? SpeedupOverOneThread { get; init; }

    /// <summary>Of a row of several lengths, time over that of the shortest.</summary>
    public double? TimeOfShortest { get; init; }
}

/// <summary>JSON of a report, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainBenchReport))]
internal sealed partial class TrainBenchJson : JsonSerializerContext;
