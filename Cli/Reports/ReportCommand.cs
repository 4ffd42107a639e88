using System.CommandLine;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Reports;

/// <summary><c>spike report</c>: curves, figures and settings of runs as one page.</summary>
internal static class ReportCommand
{
    public static Command Create(TextWriter output)
    {
        Argument<string[]> folders = new("DIR")
        {
            Description = "Folder that --out gave to a run, going on or ended; several are compared.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> file = new("--output", "-o") { Description = $"The page to write. [default: DIR/{RunFolder.Report}]", HelpName = "FILE" };
        Option<bool> json = new("--json") { Description = "Print the summary as JSON; a page is written only with -o." };
        Command command = new("report", "Write the curves and settings of training runs as one HTML page that needs no network.") { folders, file, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(folders) is { Length: > 1 } && result.GetValue(file) is null && !result.GetValue(json))
                result.AddError("-o is missing: say where the report on several runs shall go.");
        });
        command.SetAction(parsed =>
        {
            ReportRun[] runs = [.. parsed.GetRequiredValue(folders).Select(ReportRun.Read)];
            RunSummary[] summaries = [.. runs.Select(RunSummary.Of)];
            bool asJson = parsed.GetValue(json);
            string? target = parsed.GetValue(file) ?? (asJson ? null : Path.Combine(runs[0].Folder, RunFolder.Report));
            if (target is not null)
                Write(target, runs);
            if (asJson)
                output.WriteLine(JsonSerializer.Serialize(summaries, ReportJson.Default.RunSummaryArray));
            else
                Print(summaries, target!, Consoles.For(output));
            return SpikeCommandLine.Success;
        });
        return command;
    }

    private static void Write(string target, ReportRun[] runs)
    {
        byte[] html = Encoding.UTF8.GetBytes(ReportPage.Html(runs));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        AtomicFile.Write(target, stream => stream.Write(html));
    }

    private static void Print(RunSummary[] summaries, string target, IAnsiConsole console)
    {
        Table table = Consoles.Table(["", .. summaries.Select(s => s.Run)]);
        foreach ((string name, string[] cells) in ReportPage.SummaryRows(summaries))
            table.AddRow([new Text(name), .. cells.Select(c => new Text(c))]);
        console.Write(table);
        foreach (string problem in summaries.SelectMany(s => s.Problems))
            console.WriteLine($"problem: {problem}");
        console.WriteLine($"written: {target}");
    }
}
