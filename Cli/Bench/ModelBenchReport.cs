using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary>What <c>spike bench model</c> measured, with the yardsticks of the same run.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Model">The folder.</param>
/// <param name="WeightBytes">Bytes of the matrices that every token touches.</param>
/// <param name="PeakMemoryBytes">The most memory that the process had, mapped files included, once it had loaded the model and read the prompt.</param>
/// <param name="PeakMemoryOfWeights">The same as a multiple of the weights.</param>
/// <param name="Rows">One measurement each.</param>
internal sealed record ModelBenchReport(
    MachineDescription Machine, string Model, long WeightBytes, long PeakMemoryBytes, double PeakMemoryOfWeights, IReadOnlyList<ModelBenchRow> Rows);

/// <summary>One measurement: medians of several rounds. What does not apply is left out.</summary>
internal sealed record ModelBenchRow
{
    /// <summary>
    /// load (from opening the folder to the first token's logits), prefill, decode, or decode_spiking (with thresholds at which a share of the
    /// inputs spikes).
    /// </summary>
    public required string Phase { get; init; }

    /// <summary>Threads in use.</summary>
    public required int Threads { get; init; }

    /// <summary>How the projections are stored: f32, bf16, f16, int8.</summary>
    public required string Weight { get; init; }

    /// <summary>Share of inputs that spiked.</summary>
    public double? SpikeRate { get; init; }

    /// <summary>Tokens in a second, the median.</summary>
    public double? TokS { get; init; }

    /// <summary>Tokens in a second, the slowest round.</summary>
    public double? TokSMin { get; init; }

    /// <summary>Tokens in a second, the fastest round.</summary>
    public double? TokSMax { get; init; }

    /// <summary>
    /// Share of what could be reached at most, measured in turns. Decode: reading all matrices once for each token at the measured bandwidth.
    /// Prefill: multiply-adds of the projections, of the scan's chunks and of one head on registers alone. Spiking: the time of the dense head
    /// and of everything beside the projections, plus the dense projections' times the rate; above 1 it is faster than that.
    /// </summary>
    public double? OfBound { get; init; }

    /// <summary>
    /// Of decode, <see cref="OfBound"/> counting the states too, which a token reads and writes beside the weights: with small weights no small part.
    /// </summary>
    public double? OfBoundWithStates { get; init; }

    /// <summary>What the bound was: GB/s read, or GFLOP/s, or tokens in a second.</summary>
    public double? Bound { get; init; }

    /// <summary>Seconds, of load.</summary>
    public double? Seconds { get; init; }
}

/// <summary>JSON of a report, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelBenchReport))]
internal sealed partial class ModelBenchJson : JsonSerializerContext;
