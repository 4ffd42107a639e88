using System.Globalization;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Cli.Studies;

/// <summary>A table of a study, for the page and for the terminal.</summary>
/// <param name="Title">What question it answers.</param>
/// <param name="Note">How to read it.</param>
/// <param name="Columns">Heads after the first column.</param>
/// <param name="Rows">Names and cells.</param>
internal sealed record StudyTable(string Title, string Note, IReadOnlyList<string> Columns, IReadOnlyList<(string Name, string[] Cells)> Rows);

/// <summary>The tables of a study, as far as it has come.</summary>
internal static class StudyTables
{
    private static readonly (StudyGroup Group, string Title)[] s_titles =
    [
        (StudyGroup.Neurons, "Neurons"),
        (StudyGroup.Levels, "Levels D"),
        (StudyGroup.Hidden, "Hidden loss"),
        (StudyGroup.Compensation, "Smoothed gradient compensation (SGC)"),
        (StudyGroup.TernaryCompensation, "Smoothed gradient compensation (SGC) of ternary spikes"),
    ];

    /// <summary>Those that have rows.</summary>
    public static IEnumerable<StudyTable> Of(StudySummary study) => study.Plan.System == StudySystem.BiSpikClm ? BiSpikTables.Of(study) : OfSpikingMamba(study);

    private static IEnumerable<StudyTable> OfSpikingMamba(StudySummary study)
    {
        yield return Models(study, "Teacher, best student, alignment", [.. Central(study)]);
        if (study.Of(StudyGroup.Activity).Any())
            yield return Activity(study);
        foreach ((StudyGroup group, string title) in s_titles.Where(t => study.Of(t.Group).Any()))
            yield return Seeds(study, group, title);
        if (study.Of(StudyGroup.Levels).Any() || study.Of(StudyGroup.Neurons).Any())
            yield return Models(study, "Neurons and levels: tasks, spikes, energy", [.. study.Of(StudyGroup.Neurons).Concat(study.Of(StudyGroup.Levels)).Where(r => r.Tasks.Count > 0)]);
        if (study.Of(StudyGroup.Polarization).Any())
            yield return Tasks(study, "Polarisation: the largest channel of each token overwritten", [.. Central(study).Where(r => r.Group != StudyGroup.Alignment), .. study.Of(StudyGroup.Polarization)], r => r.Tasks);
        yield return Tasks(study, "The tasks whose mean decides", [.. Central(study)], r => r.Tasks);
        if (Central(study).Any(r => r.PaperTasks.Count > 0))
            yield return Tasks(study, "The six tasks of the paper (at chance for models of this size)", [.. Central(study).Where(r => r.PaperTasks.Count > 0)], r => r.PaperTasks);
    }

    /// <summary>A value with its standard error.</summary>
    public static string Text(Estimate? value, string format = "F2") => value is null ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{F(value.Value, format)}{(double.IsFinite(value.StandardError) ? " ± " + F(value.StandardError, format) : "")}");

    private static IEnumerable<RowResult> Central(StudySummary study) =>
        study.Rows.Where(r => r.Name is StudyRows.Teacher or StudyRows.Natural || r.Name == study.Best || r.Group == StudyGroup.Alignment);

    private static StudyTable Models(StudySummary study, string title, RowResult[] rows) => new(
        title,
        "Accuracy: mean of the deciding tasks, in percent. Gap: points below the teacher on the same items. ±: one standard error. Energy: modelled, dense over spiking.",
        ["bits/byte", "perplexity", "accuracy", "gap", "spikes", "mean |s|", "energy, block", "energy, projections", "energy, model", "steps"],
        [.. rows.Select(r => (r.Label, (string[])
        [
            F(r.BitsPerByte, "F3"), F(r.Perplexity, "F3"), Text(StudyStatistics.Accuracy(r.Tasks)), r.Group == StudyGroup.Teacher ? "" : Text(study.Gap(r)),
            F(100 * r.Spikes?.Rate, "F1", " %"), F(r.Spikes?.MeanMagnitude, "F3"), F(r.Spikes?.BlockX, "F2", "x"), F(r.Spikes?.ProjectionsX, "F2", "x"),
            F(r.Spikes?.ModelX, "F2", "x"), r.Steps == 0 ? "" : F(r.Steps, "N0"),
        ]))]);

    private static StudyTable Activity(StudySummary study) => new(
        "Accuracy against activity",
        "Operations: share of the projections' weights that spikes visit, which the targets are about; spikes: share of the inputs. Decoding: tokens per second of the row over those of the dense int8 model that computes the same numbers, in turns; in brackets the least and the greatest ratio of a round.",
        ["operations", "spikes", "mean |s|", "bits/byte", "accuracy", "gap", "energy, block", "dense int8 tok/s", "spiking tok/s", "decoding"],
        [.. study.Of(StudyGroup.Activity).Select(r => (r.Label, (string[])
        [
            F(100 * r.Spikes?.Operations, "F1", " %"), F(100 * r.Spikes?.Rate, "F1", " %"), F(r.Spikes?.MeanMagnitude, "F3"), F(r.BitsPerByte, "F3"),
            Text(StudyStatistics.Accuracy(r.Tasks)), Text(study.Gap(r)),
            F(r.Spikes?.BlockX, "F2", "x"), F(r.Decoding?.DenseTokS, "N0"), F(r.Decoding?.SpikingTokS, "N0"),
            r.Decoding is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Ratio:F2}x ({d.RatioMin:F2} to {d.RatioMax:F2})") : "",
        ]))]);

    private static StudyTable Seeds(StudySummary study, StudyGroup group, string title)
    {
        IEnumerable<RowResult> rows = StudyCharts.Compared(study, group);
        var perplexity = StudyStatistics.BySeed(rows, r => r.Perplexity);
        var bits = StudyStatistics.BySeed(rows, r => r.BitsPerByte);
        var rate = StudyStatistics.BySeed(rows, r => 100 * r.Spikes?.Rate);
        var energy = StudyStatistics.BySeed(rows, r => r.Spikes?.BlockX);
        return new StudyTable(
            title,
            "Means over seeds ± one standard error, rows of equal length; the difference is to the first line, seed by seed.",
            ["perplexity", "difference", "bits/byte", "spikes, %", "energy, block", "seeds"],
            [.. perplexity.Select((p, i) => (p.Label, (string[])
            [
                Text(p.Value, "F3"), i == 0 ? "" : Text(Difference(rows, perplexity[0].Label, p.Label), "F3"), Text(bits[i].Value, "F4"), Text(rate[i].Value, "F1"),
                Text(energy[i].Value), F(p.Value.Count, "N0"),
            ]))]);
    }

    /// <summary>How much higher the perplexity of a label is than that of another, over the seeds that both have.</summary>
    internal static Estimate? Difference(IEnumerable<RowResult> rows, string first, string label)
    {
        double[] differences =
        [
            .. rows.Where(r => r.Label == label).SelectMany(r => rows.Where(f => f.Label == first && f.Seed == r.Seed).Select(f => r.Perplexity!.Value - f.Perplexity!.Value)),
        ];
        return differences.Length == 0 ? null : Estimate.Of(differences);
    }

    /// <summary>Accuracies, task by task.</summary>
    internal static StudyTable Tasks(StudySummary study, string title, RowResult[] rows, Func<RowResult, IReadOnlyList<TaskScore>> tasks)
    {
        TaskScore[] columns = [.. rows.SelectMany(tasks).DistinctBy(t => t.Task)];
        return new StudyTable(
            title,
            "Percent ± one standard error.",
            [.. columns.Select(t => $"{t.Task}, {t.Metric} ({t.Right.Length})"), "mean", "to the teacher"],
            [.. rows.Select(r => (r.Label, (string[])
            [
                .. columns.Select(c => tasks(r).FirstOrDefault(t => t.Task == c.Task) is { } t ? Text(new Estimate(100 * t.Value, 100 * t.StandardError, t.Right.Length)) : ""),
                Text(StudyStatistics.Accuracy(tasks(r))),
                study.Teacher is { } teacher && r.Name != StudyRows.Teacher && StudyStatistics.Gap(tasks(teacher), tasks(r)) is { } gap
                    ? Text(gap with { Value = -gap.Value }, "F2")
                    : "",
            ]))]);
    }

    /// <summary>A number, or nothing.</summary>
    internal static string F(double? value, string format, string unit = "") =>
        value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) + unit : "";
}
