using SpikeEngine.Benchmarks.Reports;

namespace SpikeEngine.Tests.Benchmarks;

/// <summary>Several files of <c>spike bench</c> become one document.</summary>
public sealed class ResultsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public void RunsAreMergedToMedianLeastAndMost()
    {
        string document = Merge(
            BenchFiles.Report(BenchFiles.Dense(0.7) + ", " + BenchFiles.Spike(1.5)),
            BenchFiles.Report(BenchFiles.Dense(0.8) + ", " + BenchFiles.Spike(2.5)),
            BenchFiles.Report(BenchFiles.Spike(1.75)));

        Assert.Contains("""
            ## Dense products

            | m x k x n | weight | threads | ms | GFLOP/s | of peak | runs |
            | --- | --- | --- | --: | --: | --: | --: |
            | 512x768x3352 | f32 | 2 | 7.000 (7.000 to 7.000) | 75.0 (70.0 to 80.0) | 75 % (70 to 80) | 2 |

            ## Spike products

            | m x k x n | weight | D | density | threads | ms | Gadd/s | x dense | runs |
            | --- | --- | --- | --- | --- | --: | --: | --: | --: |
            | 512x768x3352 | f32 | 4 | 10 % | 2 | 3.500 (3.500 to 3.500) | 17.5 (15.0 to 25.0) | 1.75 (1.50 to 2.50) | 3 |

            """, document, StringComparison.Ordinal);
    }

    [Fact]
    public void TheOrderOfFilesChangesNothing()
    {
        string one = BenchFiles.Report(BenchFiles.Spike(1.5, "0.3") + ", " + BenchFiles.Spike(1.5, "0.05"));
        string other = BenchFiles.Report(BenchFiles.Dense(0.7));

        Assert.Equal(Merge(one, other), Merge(other, one));
    }

    [Fact]
    public void TheCardHasMachineRuntimeCommitsAndYardsticks()
    {
        const string Peaks = """
            { "kernel": "peak", "threads": 1, "gflops": 55 }, { "kernel": "read", "threads": 1, "gbs": 6 },
            { "kernel": "peak", "threads": 2, "gflops": 120 }, { "kernel": "read", "threads": 2, "gbs": 12 }
            """;
        string document = Merge(BenchFiles.Report(Peaks), BenchFiles.Report(BenchFiles.Dense(0.7), commit: "beef"));

        Assert.StartsWith("# Some(R) CPU 9000X @ 2.00GHz, 256 bits\n", document, StringComparison.Ordinal);
        Assert.Contains("| 1 thread | 55.0 GFLOP/s at most; 6.0 GB/s read |\n", document, StringComparison.Ordinal);
        Assert.Contains(
            "| 2 threads | 110.0 GFLOP/s at most (100.0 to 120.0); 11.0 GB/s read (10.0 to 12.0) |\n", document, StringComparison.Ordinal);
        Assert.Contains("| runtime | .NET 10.0.0 |\n| commit | beef, c0ffee |\n", document, StringComparison.Ordinal);
        Assert.DoesNotContain("`peak`", document, StringComparison.Ordinal);
    }

    [Fact]
    public void AKernelOfAnotherKindGetsATableToo()
    {
        string document = Merge(BenchFiles.Report("""{ "kernel": "silu", "m": 4096, "n": 512, "threads": 1, "gbs": 9 }"""));

        Assert.Contains("""
            ## `silu`

            | m x k x n | threads | GB/s | runs |
            | --- | --- | --: | --: |
            | 4096x512 | 1 | 9.0 | 1 |

            """, document, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesOfTwoMachinesAreRefused()
    {
        string[] files = Write(BenchFiles.Report(BenchFiles.Dense(0.7)), BenchFiles.Report(BenchFiles.Dense(0.7), cpu: "Another"));

        Fails([.. files, "--output", _folder.File("out.md")], files[1]);
        Assert.False(File.Exists(_folder.File("out.md")));
    }

    [Fact]
    public void RunsWithFewerThreadsAreOfTheSameMachine()
    {
        string document = Merge(BenchFiles.Report(BenchFiles.Dense(0.7)), BenchFiles.Report(BenchFiles.Spike(1, threads: 1), threads: 1));

        Assert.Contains("| 1 thread |", document, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNotThereIsNamed() => Fails([_folder.File("missing.json")], _folder.File("missing.json"));

    [Fact]
    public void AFileThatIsNoReportIsNamed() => Fails(Write("{}"), _folder.File("0.json"));

    [Theory]
    [InlineData]
    [InlineData("--output", "out.md")]
    [InlineData("run.json", "--output")]
    [InlineData("run.json", "--format", "html")]
    public void OtherArgumentsGetTheUsage(params string[] args) => Fails(args, "Usage");

    [Theory]
    [InlineData("AMD EPYC", "amd-epyc-256-bits")]
    [InlineData("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", "intel-xeon-platinum-8370c-256-bits")]
    public void TheDocumentIsNamedAfterTheProcessor(string cpu, string slug) =>
        Assert.Equal(slug, BenchResults.Load(Write(BenchFiles.Report(BenchFiles.Dense(0.7), cpu))).Slug);

    private string Merge(params string[] reports)
    {
        string target = _folder.File("results/out.md");
        Assert.Equal(0, ResultsCommand.Run([.. Write(reports), "--output", target], _output, _errors));
        Assert.Empty(_errors.ToString());
        return File.ReadAllText(target);
    }

    private void Fails(string[] args, string message)
    {
        Assert.NotEqual(0, ResultsCommand.Run(args, _output, _errors));
        Assert.Contains(message, _errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    private string[] Write(params string[] reports) => [.. reports.Select((report, i) => _folder.Write($"{i}.json", report))];
}
