using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary>What <c>spike bench</c> measured, with the yardsticks of the same run.</summary>
/// <param name="Machine">Where.</param>
/// <param name="PeakGflops">Billions of multiply-adds, counted as two, that the most threads did in a second on registers alone.</param>
/// <param name="ReadGbs">Billions of bytes a second that they read from memory.</param>
/// <param name="Rows">One measurement each.</param>
internal sealed record BenchReport(MachineDescription Machine, double PeakGflops, double ReadGbs, IReadOnlyList<BenchRow> Rows);

/// <summary>One measurement: medians of several rounds. What does not apply is left out.</summary>
internal sealed record BenchRow
{
    /// <summary>What ran: dense, spike, gemv, peak, read.</summary>
    public required string Kernel { get; init; }

    /// <summary>Rows of the left factor.</summary>
    public int? M { get; init; }

    /// <summary>Length of the sums.</summary>
    public int? K { get; init; }

    /// <summary>Columns of the result.</summary>
    public int? N { get; init; }

    /// <summary>Threads in use.</summary>
    public required int Threads { get; init; }

    /// <summary>How weights are stored: f32, bf16, f16, int8.</summary>
    public string? Weight { get; init; }

    /// <summary>Share of inputs that spike.</summary>
    public double? Density { get; init; }

    /// <summary>D; 1 for ternary spikes.</summary>
    public int? Levels { get; init; }

    /// <summary>Billions of operations in a second: 2 m k n for a dense product, density * m k n additions for spikes.</summary>
    public double? Gflops { get; init; }

    /// <summary>Billions of bytes in a second.</summary>
    public double? Gbs { get; init; }

    /// <summary>Share of the peak that took turns with it, or of the read bandwidth of the same run, with as many threads.</summary>
    public double? OfPeak { get; init; }

    /// <summary>Times as fast as the dense product that took turns with it.</summary>
    public double? SpeedupVsDense { get; init; }

    /// <summary>Milliseconds, the median.</summary>
    public double? Ms { get; init; }

    /// <summary>Milliseconds, the fastest round.</summary>
    public double? MsMin { get; init; }

    /// <summary>Milliseconds, the slowest round.</summary>
    public double? MsMax { get; init; }
}

/// <summary>JSON of a report, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
