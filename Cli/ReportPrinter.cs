using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary>A quickstart's report as tables.</summary>
internal static class ReportPrinter
{
    private const int BarWidth = 20;

    public static void Print(QuickstartReport report, IAnsiConsole console)
    {
        console.WriteLine();
        console.Write(Quality(report));
        Line($"student / teacher perplexity {report.Ratios.Ppl:F3}, teacher / unigram perplexity {report.Ratios.TeacherOverUnigramPpl:F3}");
        Line($"cloze gap {report.Ratios.ClozeGapPoints:F2} points over {report.Teacher.ClozeItems} items, spike / dense decode {report.Ratios.Decode:F2}x");
        console.Write(Spikes(report.Student));
        console.Write(Energy(report.Energy));
        Line($"projections: in_proj and out_proj; block: with convolution and scan; model: with lm_head");
        Line($"per token, in thousands; left: multiply-accumulates that the spikes do not replace");
        Line($"MAC {report.Energy.MacPj} pJ, AC {report.Energy.AcPj} pJ ({report.Energy.Source})");
        Line($"{report.Energy.Formula}");
        Line($"levels: the benefit when an active input counts once whatever its level, plus the D = {report.Settings.Spiking.Levels} levels");
        console.WriteLine();
        Sample(report.Sample, console);
        Files(report, console);

        void Line(FormattableString text) => console.WriteLine(FormattableString.Invariant(text));
    }

    private static Table Quality(QuickstartReport report)
    {
        ModelScores teacher = report.Teacher, student = report.Student;
        Table table = Consoles.Table("held-out text", "unigram", "teacher (dense)", "student (spiking)");
        Row(table, "perplexity", F(report.UnigramPpl, "F2"), F(teacher.ValPpl, "F2"), F(student.ValPpl, "F2"));
        Row(table, "bits per byte", F(report.UnigramBitsPerByte, "F3"), F(teacher.BitsPerByte, "F3"), F(student.BitsPerByte, "F3"));
        Row(table, "cloze, 1 of 4", "25 % by chance", Cloze(teacher), Cloze(student));
        Row(table, "decode, tokens/s", "", F(teacher.DecodeTokS, "N0"), F(student.DecodeTokS, "N0"));
        Row(table, "training steps", "", Steps(report.TeacherTraining), Steps(report.StudentTraining));
        Row(table, "parameters", "", F(teacher.Parameters, "N0"), F(student.Parameters, "N0"));
        return table;
    }

    private static Table Spikes(StudentScores student)
    {
        Table table = Consoles.Table("spikes in front of", "active", "", "mean |s|", "negative");
        foreach (LayerSpikes layer in student.Layers)
            Add(FormattableString.Invariant($"layer {layer.Layer} {layer.Site}"), layer.Density, layer.MeanAbsSpike, layer.NegativeShare);
        Add("all", student.Density, student.MeanAbsSpike, student.NegativeShare);
        return table;

        void Add(string name, double density, double mean, double negative) =>
            Row(table, name, Percent(density), Bar(density), F(mean, "F3"), Percent(negative));
    }

    private static Table Energy(EnergySummary energy)
    {
        Table table = Consoles.Table("energy", "kMAC", "left", "kAC", "dense nJ", "spike nJ", "benefit", "levels");
        Add("projections", energy.Projections);
        Add("block", energy.Block);
        Add("model", energy.Model);
        return table;

        void Add(string name, EnergyScopeSummary s) => Row(
            table, name, F(s.DenseMacs / 1000, "N0"), F(s.SpikingMacs / 1000, "N0"), F(s.UnrolledAcs / 1000, "N0"), F(s.DensePj / 1000, "N0"),
            F(s.SpikingPj / 1000, "N0"), F(s.X, "F2") + "x", F(s.LevelX, "F2") + "x");
    }

    private static void Sample(SampleSummary sample, IAnsiConsole console)
    {
        Add("prompt", sample.Prompt);
        Add("held-out text", "..." + sample.Truth);
        Add("teacher", "..." + sample.Teacher);
        Add("student", "..." + sample.Student);
        console.WriteLine();

        void Add(string name, string text) => console.WriteLine($"{name + ":",-15}{text}");
    }

    private static void Files(QuickstartReport report, IAnsiConsole console)
    {
        string folder = report.Settings.OutputFolder;
        MachineDescription machine = report.Machine;
        console.WriteLine(FormattableString.Invariant(
            $"{report.ElapsedS:F1} s, seed {report.Settings.Seed}, {machine.Threads} thread(s), {machine.Lanes} lanes, {machine.Cpu}, {machine.Dotnet}"));
        foreach (string note in report.Notes)
            console.WriteLine($"note: {note}");
        console.WriteLine($"written: {folder} with {OutputFolder.Teacher}/, {OutputFolder.Student}/ and {QuickstartReport.FileName}");
        console.WriteLine("next:");
        foreach (string model in (string[])[OutputFolder.Student, OutputFolder.Teacher])
        {
            console.Profile.Out.Writer.WriteLine(
                $"  dotnet run -c Release --project Cli -- generate --model {Quote(Path.Combine(folder, model))} --prompt \"The value of the\"");
        }
    }

    private static string Quote(string path) => path.Contains(' ') ? $"\"{path}\"" : path;

    private static string Cloze(ModelScores scores) => FormattableString.Invariant($"{100 * scores.ClozeAcc:F1} ± {100 * scores.ClozeSe:F1} %");

    private static string Steps(TrainingSummary training) => training.DoneSteps == training.PlannedSteps
        ? F(training.DoneSteps, "N0")
        : FormattableString.Invariant($"{training.DoneSteps:N0} of {training.PlannedSteps:N0}");

    private static string Percent(double share) => F(100 * share, "F1") + " %";

    private static string Bar(double share)
    {
        int full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
        return new string('#', full) + new string('.', BarWidth - full);
    }

    private static string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(IRenderable (c) => new Text(c)));
}
