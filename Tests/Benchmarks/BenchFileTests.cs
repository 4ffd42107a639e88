using System.Text.Json;
using SpikeEngine.Benchmarks.Reports;
using SpikeEngine.Cli.Bench;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Tests.Benchmarks;

/// <summary>What is read of a file of <c>spike bench</c>, and what is refused.</summary>
public sealed class BenchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatTheCommandWritesIsRead()
    {
        BenchRow row = new()
        {
            Kernel = "spike", M = 512, K = 768, N = 3352, Threads = 2, Weight = "f32", Density = 0.1, Levels = 4,
            Gflops = 20, Gbs = 3, OfPeak = 0.5, SpeedupVsDense = 1.5, Ms = 2, MsMin = 1, MsMax = 3,
        };
        var machine = MachineDescription.Current();
        string json = JsonSerializer.Serialize(new BenchReport(machine, 100, 10, [row]), BenchJson.Default.BenchReport);

        var file = BenchFile.Load(_folder.Write("run.json", json));

        Assert.Equal((machine, 100, 10), (file.Machine, file.PeakGflops, file.ReadGbs));
        BenchFileRow read = Assert.Single(file.Rows);
        Assert.Equal(new BenchKey("spike", 512, 768, 3352, 2, "f32", 0.1, 4, ""), read.Key);
        Assert.Equal((20.0, 3.0, 0.5, 1.5, 2.0), (read.Gflops, read.Gbs, read.OfPeak, read.SpeedupVsDense, read.Ms));
    }

    [Fact]
    public void UnknownNumbersAreIgnoredAndUnknownTextsTellRowsApart()
    {
        BenchFile file = Load("""
            { "kernel": "ssd", "threads": 1, "chunk": 64, "direction": "forward" },
            { "kernel": "ssd", "threads": 1, "direction": "backward" }
            """);

        Assert.Equal(["direction forward", "direction backward"], file.Rows.Select(row => row.Key.Labels));
    }

    [Fact]
    public void RowsThatNothingKnownTellsApartAreRefused() =>
        Refuses(
            """{ "kernel": "ssd", "threads": 1, "chunk": 64 }, { "kernel": "ssd", "threads": 1, "chunk": 32 }""",
            "2 rows of ssd, 1 thread");

    [Theory]
    [InlineData("", "no rows")]
    [InlineData("null", "null")]
    [InlineData("""{ "threads": 1 }""", "kernel")]
    [InlineData("""{ "kernel": "dense" }""", "threads")]
    [InlineData("""{ "kernel": "dense", "threads": "two" }""", "threads")]
    public void RowsThatAreNoneAreRefused(string rows, string message) => Refuses(rows, message);

    [Theory]
    [InlineData("")]
    [InlineData("# Markdown")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "peak_gflops": 1, "read_gbs": 1, "rows": [] }""")]
    [InlineData("""{ "machine": null, "peak_gflops": 1, "read_gbs": 1, "rows": [] }""")]
    [InlineData("""{ "machine": { "cpu": "A" }, "peak_gflops": 1, "read_gbs": 1, "rows": [] }""")]
    public void WhatIsNoReportIsRefused(string content)
    {
        string path = _folder.Write("run.json", content);

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => BenchFile.Load(path)).Message, StringComparison.Ordinal);
    }

    private void Refuses(string rows, string message)
    {
        string text = Assert.Throws<InvalidDataException>(() => Load(rows)).Message;
        Assert.Contains(_folder.File("run.json"), text, StringComparison.Ordinal);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    private BenchFile Load(string rows) => BenchFile.Load(_folder.Write("run.json", BenchFiles.Report(rows)));
}
