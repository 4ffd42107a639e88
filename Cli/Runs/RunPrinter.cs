using System.Globalization;
using Spectre.Console;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>What came of a run, as a table, and what can be done next.</summary>
internal static class RunPrinter
{
    public static void Print(RunResult result, string verb, string folder, IAnsiConsole console)
    {
        Table table = Consoles.Table("result", "");
        Row("steps", result.Training.Interrupted
            ? string.Create(CultureInfo.InvariantCulture, $"{result.Training.Steps:N0} of {result.TotalSteps:N0}")
            : F(result.Training.Steps, "N0"));
        Row("loss, smoothed", F(result.Training.FinalLoss, "F4"));
        foreach ((string name, double value) in result.Validation)
            Row(name.Replace('_', ' '), F(value, "G5"));
        Row(result.Unit, F(result.Training.Tokens, "N0"));
        Row("time", StageNames.Left(result.Training.Elapsed));
        Row($"{result.Unit}/s", F(result.Training.TokensPerSecond, "N0"));
        Row("skipped steps", F(result.Training.SkippedSteps, "N0"));
        Row("parameters", F(result.Parameters, "N0"));
        console.Write(table);
        string quoted = Quote(folder);
        if (result.ModelFolder is { } model)
        {
            Line($"written: {model}");
            Line("next:");
            Line(ImageModelFolder.Is(model) ? $"  spike classify --model {Quote(model)} --data FILE" : $"  spike generate --model {Quote(model)} --prompt \"...\"");
            Line($"  spike report {quoted}");
        }
        else
        {
            Line($"stopped; checkpoint: {RunWords.Near(result.Checkpoint ?? folder)}");
            Line("continue with:");
            Line($"  spike {verb} --resume --out {quoted}");
        }

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));

        // As it is, for copying: the console would break long lines.
        void Line(string text) => console.Profile.Out.Writer.WriteLine(text);
    }

    private static string Quote(string path) => path.Contains(' ') ? $"\"{path}\"" : path;

    private static string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
