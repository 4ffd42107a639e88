using System.CommandLine;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench crossover</c>: when spikes pay on this machine, measured and kept for the engine.</summary>
internal static class CrossoverCommand
{
    public static Command Create(TextWriter output, TextWriter error) => BenchCommand.Part(
        "crossover",
        "Up to which share of active inputs accumulating is faster than the dense product, by shape, tokens and type of weight. The break-evens "
        + $"are kept in {CrossoverProfile.FilePath} ({CrossoverProfile.FileVariable}: elsewhere), from where the engine chooses.",
        error, static (_, context, _) => CrossoverBench.Rows(context), CrossoverBench.RowCount,
        (report, path) =>
        {
            BenchCommand.Report(report, path, BenchTable.OfCrossover(report.Rows), Consoles.For(output));
            foreach (string line in BenchTable.OfDispatch(report.Rows))
                output.WriteLine(line);
            CrossoverBench.Save(report.Rows, CrossoverProfile.FilePath);
            output.WriteLine($"Kept in {CrossoverProfile.FilePath}; used from the next start on.");
        });
}
