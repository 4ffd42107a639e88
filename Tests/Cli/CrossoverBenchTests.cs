using SpikeEngine.Cli;
using SpikeEngine.Cli.Bench;

namespace SpikeEngine.Tests.Cli;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class CrossoverBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new[] { 0.5 }, 0.0, 0.1)]        // slower from the start: below the first density
    [InlineData(new[] { 4.0, 2.0, 1.5 }, 1, 1)]  // faster throughout
    [InlineData(new[] { 4.0, 1.0, 0.5 }, 0.2, 0.2)]
    [InlineData(new[] { 4.0, 1.25, 0.75 }, 0.2, 0.3)]
    public void TheBreakEvenLiesWhereTheSpeedUpCrossesOne(double[] speedups, double low, double high)
    {
        BenchRow[] sweep = [.. speedups.Select((speedup, i) => Row(0.1 * (i + 1)) with { SpeedupVsDense = speedup })];
        Assert.InRange(CrossoverBench.BreakEven(sweep, speedup: 1), low, high);
        Assert.True(CrossoverBench.BreakEven(sweep, speedup: 1.1) <= CrossoverBench.BreakEven(sweep, speedup: 1));
    }

    [Fact]
    public void OneErrorOfMeasurementMovesABreakEvenLittle()
    {
        double[] speedups = [4, 0.9, 1.8, 1.3, 0.8];   // the second met something else that ran
        BenchRow[] sweep = [.. speedups.Select((speedup, i) => Row(0.1 * (i + 1)) with { SpeedupVsDense = speedup })];
        Assert.InRange(CrossoverBench.BreakEven(sweep, speedup: 1), 0.4, 0.5);
        Assert.Equal([1, 2.5, 2.5, 4], CrossoverBench.Rising([1, 3, 2, 4]));
        Assert.Equal([2, 2, 2], CrossoverBench.Rising([3, 2, 1]));
    }

    [Fact]
    public void TheEngineGetsTheCarefulShare()
    {
        string path = _folder.File("crossover.json");
        CrossoverBench.Save([Row(null) with { BreakEven = 0.5, AccumulateUpTo = 0.4 }], path);
        Assert.Equal(0.4, Assert.Single(CrossoverProfile.ReadAll(path)[CrossoverProfile.MachineKey].Points).BreakEven);
    }

    [Fact]
    public void TheWorstChoiceIsPrinted()
    {
        BenchRow row = Row(0.1) with { Kernel = "dispatch" };
        string line = Assert.Single(BenchTable.OfDispatch(
            [row with { SpeedupVsDense = 3 }, row with { SpeedupVsDense = 0.98 }, row with { SpeedupVsDense = 2 }, row with { Kernel = "dispatch_worst", SpeedupVsDense = 0.98 }]));
        Assert.Contains("0.98 times as fast as dense at worst (16x32x64, bf16, D 4, 10 %), 2.00 times in the middle", line, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsSavedKeepsOtherMachinesAndOtherThreads()
    {
        string path = _folder.File("sub/crossover.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        CrossoverPoint other = new(StorageType.Int8, 1, 2, 3, 4, 5, 0.5);
        using (FileStream stream = File.Create(path))
            CrossoverProfile.Write(stream, new Dictionary<string, CrossoverProfile> { ["another"] = new([other]), [CrossoverProfile.MachineKey] = new([other]) });

        CrossoverBench.Save([Row(0.1), Row(null) with { BreakEven = 0.25 }, Row(null) with { BreakEven = 0.3, Spikes = BenchContext.Binary }], path);
        Assert.Equal([false, false, true], CrossoverProfile.ReadAll(path)[CrossoverProfile.MachineKey].Points.Select(point => point.Binary));
        CrossoverBench.Save([Row(null) with { BreakEven = 0.75 }], path);   // measured again

        IReadOnlyDictionary<string, CrossoverProfile> back = CrossoverProfile.ReadAll(path);
        Assert.Equal([other], back["another"].Points);
        Assert.Equal([other, new CrossoverPoint(StorageType.BFloat16, 16, 32, 64, 4, 1, 0.75)], back[CrossoverProfile.MachineKey].Points);
    }

    [Fact]
    public void AFileThatIsNoProfileIsReplaced()
    {
        string path = _folder.Write("crossover.json", "{ torn");
        CrossoverBench.Save([Row(null) with { BreakEven = 0.25 }], path);
        Assert.Equal(0.25, Assert.Single(Assert.Single(CrossoverProfile.ReadAll(path)).Value.Points).BreakEven);
    }

    [Fact]
    public void AFileThatIsNoProfileIsNoObstacleToMeasuringAgain()
    {
        string path = _folder.Write("crossover.json", "{ torn");
        CrossoverProfile before = CrossoverProfile.Current;
        try
        {
            StringWriter output = new();
            CrossoverCommand.Prepare(path, _folder.File("report.json"), output);
            Assert.Equal($"{path} cannot be read as a profile and will be replaced.{Environment.NewLine}", output.ToString());
            Assert.Same(CrossoverProfile.Careful, CrossoverProfile.Current);
            Assert.Equal("{ torn", File.ReadAllText(path));   // until there is something better
        }
        finally
        {
            CrossoverProfile.Current = before;
        }
    }

    [Theory]
    [InlineData("new/crossover.json")]
    [InlineData("known.json")]
    public void AFileThatCanBeWrittenIsNotMentioned(string name)
    {
        CrossoverBench.Save([Row(null) with { BreakEven = 0.25 }], _folder.File("known.json"));
        StringWriter output = new();
        CrossoverCommand.Prepare(_folder.File(name), json: null, output);
        Assert.Empty(output.ToString());
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task WhatCannotBeKeptIsRefusedBeforeItIsMeasured()
    {
        string file = _folder.Write("plain.txt", ""), profile = _folder.File("crossover.json");
        await Refuses(Path.Combine(file, "crossover.json"), "cannot be written");
        await Refuses(_folder.Path, "a folder is in the place of the file");
        await Refuses(profile, "must be another one", "--json", Path.Combine(_folder.Path, ".", "crossover.json"));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path));
    }

    private static async Task Refuses(string profile, string message, params string[] options)
    {
        string? before = Environment.GetEnvironmentVariable(CrossoverProfile.FileVariable);
        Environment.SetEnvironmentVariable(CrossoverProfile.FileVariable, profile);
        try
        {
            // Measuring takes minutes; it would be stopped, and end with another code.
            using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
            StringWriter output = new(), error = new();
            Assert.Equal(1, await SpikeCommandLine.RunAsync(["bench", "crossover", "--threads", "1", .. options], () => TextReader.Null, output, error, stop.Token));
            Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
            Assert.Empty(output.ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable(CrossoverProfile.FileVariable, before);
        }
    }

    private static BenchRow Row(double? density) => new()
    {
        Kernel = "spike", M = 16, K = 32, N = 64, Threads = 1, Weight = "bf16", Levels = 4, Density = density, SpeedupVsDense = density is null ? null : 2,
    };
}
