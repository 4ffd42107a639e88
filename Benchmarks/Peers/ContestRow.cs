using System.Text.Json.Serialization;

namespace SpikeEngine.Peers;

/// <summary>One shape: milliseconds, and how many times as fast as a peer we are.</summary>
internal sealed record ContestRow(
    int M, int K, int N, int Threads, Spread OnTheFlyMs, Spread AheadMs, Spread OpenblasMs, Spread OnednnMs,
    Spread OnTheFlyVsOpenblas, Spread AheadVsOpenblas, Spread AheadVsOnednn);

/// <summary>Median and ends of several rounds.</summary>
internal sealed record Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values, double unit)
    {
        double[] sorted = [.. values.Select(value => value * unit).Order()];
        return new(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }

    /// <summary>Ratios within each round.</summary>
    public static Spread OfRatios(double[] of, double[] to) => Of(of.Zip(to, (a, b) => a / b), 1);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ContestRow[]))]
internal sealed partial class ContestJson : JsonSerializerContext;
