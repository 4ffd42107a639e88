namespace SpikeEngine.Tests.Benchmarks;

/// <summary>Files such as <c>spike bench</c> writes.</summary>
internal static class BenchFiles
{
    /// <summary>A report of these rows.</summary>
    public static string Report(string rows, string cpu = "Some(R) CPU 9000X @ 2.00GHz", int threads = 2, string commit = "c0ffee") => $$"""
        {
          "machine": {
            "cpu": "{{cpu}}", "logical_cores": 2, "os": "Some OS", "architecture": "X64", "dotnet": ".NET 10.0.0",
            "lanes": 8, "threads": {{threads}}, "commit": "{{commit}}", "more": [1, 2]
          },
          "peak_gflops": 100, "read_gbs": 10, "rows": [{{rows}}], "more": { "of": "this" }
        }
        """;

    /// <summary>A spike product that is so many times as fast as the dense one.</summary>
    public static string Spike(double speedup, string density = "0.1", int threads = 2) => FormattableString.Invariant(
        $$"""
        {
          "kernel": "spike", "m": 512, "k": 768, "n": 3352, "threads": {{threads}}, "weight": "f32", "density": {{density}}, "levels": 4,
          "gflops": {{10 * speedup}}, "speedup_vs_dense": {{speedup}}, "ms": 3.5
        }
        """);

    /// <summary>A dense product with that share of the peak.</summary>
    public static string Dense(double ofPeak) => FormattableString.Invariant(
        $$"""
        {
          "kernel": "dense", "m": 512, "k": 768, "n": 3352, "threads": 2, "weight": "f32",
          "gflops": {{100 * ofPeak}}, "of_peak": {{ofPeak}}, "ms": 7
        }
        """);
}
