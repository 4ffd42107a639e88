using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary><c>spike quickstart</c>: the whole way on real text in a few minutes.</summary>
internal static class QuickstartCommand
{
    // Corpus, tokenizer and evaluation alone take some twenty seconds.
    private const double LeastMinutes = 0.5;

    private static readonly QuickstartOptions s_defaults = new();

    public static Command Create(TextWriter output)
    {
        Option<string[]> text = new("--text")
        {
            Description = "UTF-8 text to learn instead of the .NET SDK's documentation; several files are read as one.",
            HelpName = "FILE",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<double> minutes = new("--minutes")
        {
            Description = "Cap on the time of the whole run; training is shortened if needed.",
            HelpName = "M",
            DefaultValueFactory = _ => s_defaults.Minutes,
            CustomParser = result => ParseMinutes(result),
        };
        Option<ulong> seed = CommonOptions.Seed();
        Option<string> folder = new("--out")
        {
            Description = "Folder for both models and report.json; that of an earlier run is replaced.",
            HelpName = "DIR",
            DefaultValueFactory = _ => s_defaults.OutputFolder,
        };
        Option<string?> json = new("--json") { Description = "Write the report to this file as well.", HelpName = "FILE" };
        Option<int?> threads = CommonOptions.Threads();

        Command command = new(
            "quickstart",
            "Train a small Mamba2 teacher, distil a spiking student from it, and compare the two: quality, spikes, energy, speed. Downloads nothing.")
        {
            text, minutes, seed, folder, json, threads,
        };
        command.SetAction((parsed, cancellation) =>
        {
            QuickstartOptions options = s_defaults with
            {
                TextFiles = parsed.GetValue(text) ?? [],
                Minutes = parsed.GetValue(minutes),
                Seed = parsed.GetValue(seed),
                OutputFolder = parsed.GetRequiredValue(folder),
            };
            string? jsonPath = parsed.GetValue(json);
            CommonOptions.Apply(parsed.GetValue(threads));
            return Task.Run(() => RunAsync(options, jsonPath, output, cancellation), cancellation);
        });
        return command;
    }

    internal static async Task<int> RunAsync(QuickstartOptions options, string? jsonPath, TextWriter output, CancellationToken cancellation)
    {
        if (jsonPath is not null)
            CommonOptions.RequireWritable(jsonPath);

        IAnsiConsole console = Consoles.For(output);
        QuickstartReport report = console.Profile.Out.IsTerminal
            ? await LiveProgress.RunAsync(console, options, cancellation)
            : QuickstartRun.Run(options, new LineProgress(output), cancellation);

        // Printed first: the numbers are there even if the file cannot be written any more.
        ReportPrinter.Print(report, console);
        if (jsonPath is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(jsonPath))!);
            report.Save(jsonPath);
        }

        return SpikeCommandLine.Success;
    }

    private static double ParseMinutes(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double minutes) && minutes is >= LeastMinutes and <= 1440)
            return minutes;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"--minutes is '{text}'; it must be a number from {LeastMinutes} to 1440."));
        return 0;
    }
}
