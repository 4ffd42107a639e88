using System.Text;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary><c>results</c>: files of <c>spike bench ... --json</c>, of one or several runs, become one document.</summary>
internal static class ResultsCommand
{
    private const string Usage = "Usage: results FILE.json [FILE.json ...] [--output FILE.md]";
    private const string Solution = "SpikeEngine.sln";

    /// <returns>Exit code.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        if (!TryParse(args, out List<string> files, out string? target))
        {
            errors.WriteLine(Usage);
            return 1;
        }

        try
        {
            var results = BenchResults.Load(files);
            target ??= Path.Combine(ResultsFolder(), results.Slug + ".md");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            AtomicFile.Write(target, stream => stream.Write(Encoding.UTF8.GetBytes(ResultsDocument.Format(results))));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(error.Message);
            return 1;
        }

        output.WriteLine(target);
        return 0;
    }

    private static bool TryParse(IReadOnlyList<string> args, out List<string> files, out string? target)
    {
        files = [];
        target = null;
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "--output" && i + 1 < args.Count && target is null)
                target = args[++i];
            else if (args[i].StartsWith('-'))
                return false;
            else
                files.Add(args[i]);
        }

        return files.Count > 0;
    }

    /// <summary>That of the repository in which the command was called.</summary>
    private static string ResultsFolder()
    {
        for (DirectoryInfo? folder = new(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return Path.Combine(folder.FullName, "Benchmarks", "Results");
        }

        throw new DirectoryNotFoundException($"{Solution} is in no folder above {Directory.GetCurrentDirectory()}: say --output FILE.md.");
    }
}
