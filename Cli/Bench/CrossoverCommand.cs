using System.CommandLine;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench crossover</c>: when spikes pay on this machine, measured and kept for the engine.</summary>
internal static class CrossoverCommand
{
    public static Command Create(TextWriter output, TextWriter error) => BenchCommand.Part(
        "crossover",
        "Up to which share of active inputs accumulating is faster than the dense product, by shape, tokens and type of weight. The break-evens "
        + $"are kept in {CrossoverProfile.FilePath} ({CrossoverProfile.FileVariable}: elsewhere), from where the engine chooses.",
        error, static (_, context, _) => CrossoverBench.Rows(context), _ => CrossoverBench.RowCount,
        (report, path) =>
        {
            BenchCommand.Report(report, path, BenchTable.OfCrossover(report.Rows), Consoles.For(output));
            foreach (string line in BenchTable.OfDispatch(report.Rows))
                output.WriteLine(line);
            CrossoverBench.Save(report.Rows, CrossoverProfile.FilePath);
            output.WriteLine($"Kept in {CrossoverProfile.FilePath}; used from the next start on.");
        },
        json => Prepare(CrossoverProfile.FilePath, json, output));

    /// <summary>Refuses a file that the break-evens could not be kept in, before minutes are spent on them. One that is no profile will be replaced.</summary>
    internal static void Prepare(string path, string? json, TextWriter output)
    {
        if (json is not null && IsSameFile(path, json))
            throw new ArgumentException($"--json {json} is the file of the break-evens ({CrossoverProfile.FileVariable}); it must be another one.");
        if (Directory.Exists(path))
            throw new IOException($"Profile {path}: a folder is in the place of the file.");
        WritableFolder.Require(Path.GetDirectoryName(Path.GetFullPath(path))!, $"Profile {path}");
        _ = CrossoverBench.Read(path, out Exception? problem);
        if (problem is null)
            return;

        // Nothing that asks for the profile in use while this measures shall fail at the file.
        CrossoverProfile.Current = CrossoverProfile.Careful;
        output.WriteLine($"{path} cannot be read as a profile and will be replaced.");
    }

    private static bool IsSameFile(string a, string b) => string.Equals(
        Path.GetFullPath(a), Path.GetFullPath(b),
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
