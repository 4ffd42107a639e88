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
    /// <summary>
    /// What ran: dense (weights packed on the way), dense_packed (ahead), spike, encode (of spikes alone), gemv, crossover, dispatch (whichever way the profile of the same run chooses) and dispatch_worst (its slowest row, compared with dense), peak, peak_int8, read; of <c>bench forms</c> integer, ternary_planes, expansion; of <c>bench scan</c> ssd, and conv1d, rms_norm, gated_rms_norm, silu, softmax, add,
    /// adamw, some of them with _backward; of <c>bench conv</c> dense, conv2d (as many multiply-adds), spike_conv2d.
    /// </summary>
    public required string Kernel { get; init; }

    /// <summary>Rows of the left factor; tokens of a scan; rows of the tensors of a kernel that memory bounds.</summary>
    public int? M { get; init; }

    /// <summary>Length of the sums; the state size of a scan.</summary>
    public int? K { get; init; }

    /// <summary>Columns of the result; channels of a scan; columns of the tensors of a kernel that memory bounds.</summary>
    public int? N { get; init; }

    /// <summary>Threads in use.</summary>
    public required int Threads { get; init; }

    /// <summary>How weights are stored: f32, bf16, f16, int8.</summary>
    public string? Weight { get; init; }

    /// <summary>Share of inputs that spike.</summary>
    public double? Density { get; init; }

    /// <summary>D; 1 for ternary spikes, and for binary ones.</summary>
    public int? Levels { get; init; }

    /// <summary>"binary" where no spike is negative; nothing where there are both signs.</summary>
    public string? Spikes { get; init; }

    /// <summary>
    /// Billions of operations in a second: 2 m k n for a dense product, density * m k n additions for spikes (those that were made, of spike_conv2d), the matrix products of
    /// the chunked form for a scan.
    /// </summary>
    public double? Gflops { get; init; }

    /// <summary>Billions of bytes in a second: the weights of a product, every tensor that is read or written once for the kernels of a scan.</summary>
    public double? Gbs { get; init; }

    /// <summary>
    /// Share of what took turns with it on as many threads: multiply-adds for what has <see cref="Gflops"/>; a plain pass that reads and
    /// writes as many tensors of the same size for the kernels of a scan, in the cache where those are. Of gemv, share of the read
    /// bandwidth of the same run.
    /// </summary>
    public double? OfPeak { get; init; }

    /// <summary>Times as fast as the dense product, or of spike_conv2d the dense convolution, that took turns with it; encoding counts.</summary>
    public double? SpeedupVsDense { get; init; }

    /// <summary>Of encode, the time as a share of what the product takes that it feeds, without encoding.</summary>
    public double? OfProduct { get; init; }

    /// <summary>Of a form of spikes, milliseconds of the neuron and the encoding, which <see cref="Ms"/> is without.</summary>
    public double? EncodeMs { get; init; }

    /// <summary>Of a form of spikes, additions for each output as its formula has them, a mean over the vectors.</summary>
    public double? AddsExpected { get; init; }

    /// <summary>The same, counted over the events as a product goes through them.</summary>
    public double? Adds { get; init; }

    /// <summary>Of a crossover, the share of inputs up to which accumulating is faster than the dense product.</summary>
    public double? BreakEven { get; init; }

    /// <summary>Of a crossover, the share up to which the engine shall accumulate: where the gain is still worth the risk of a wrong measurement.</summary>
    public double? AccumulateUpTo { get; init; }

    /// <summary>Milliseconds, the median.</summary>
    public double? Ms { get; init; }

    /// <summary>Milliseconds, the fastest round.</summary>
    public double? MsMin { get; init; }

    /// <summary>Milliseconds, the slowest round.</summary>
    public double? MsMax { get; init; }

    /// <summary>m x k x n, as far as they apply.</summary>
    [JsonIgnore]
    public string Sizes => string.Join('x', new[] { M, K, N }.Where(size => size is not null));
}

/// <summary>JSON of a report, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
