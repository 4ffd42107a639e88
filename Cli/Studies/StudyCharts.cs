using SpikeEngine.Training.Studies;

namespace SpikeEngine.Cli.Studies;

/// <summary>The charts of a study, as far as it has come. Bars are two standard errors to each side.</summary>
internal static class StudyCharts
{
    /// <summary>
    /// The rows of a group, after those of equal length that they are compared with: TI-LIF with the paper's loss, for ternary spikes that with D = 1.
    /// </summary>
    public static RowResult[] Compared(StudySummary study, StudyGroup group) => group switch
    {
        StudyGroup.Neurons => [.. study.Of(group)],
        StudyGroup.TernaryCompensation => [.. study.Rows.Where(r => r.Name == StudyRows.Ternary), .. study.Of(group)],
        _ => [.. study.Of(StudyGroup.Neurons).Where(r => r.Name.StartsWith("ti_lif-", StringComparison.Ordinal)), .. study.Of(group)],
    };

    /// <summary>Titles and SVG elements.</summary>
    public static IEnumerable<(string Title, string Svg)> Of(StudySummary study)
    {
        RowResult[] activity = [.. study.Of(StudyGroup.Activity).Where(r => r.Spikes is not null).OrderBy(r => r.Spikes!.Operations)];
        if (activity.Length > 1)
        {
            yield return ("Gap to the teacher against activity", DotChart.Over(
                "gap", "weights that spikes visit, %", "points below the teacher",
                [("mean of the tasks", [.. activity.Where(r => study.Gap(r) is not null).Select(r => new Dot(100 * r.Spikes!.Operations, study.Gap(r)!.Value, study.Gap(r)!.StandardError))])]));
            yield return ("Bits per byte against activity", DotChart.Over(
                "bits", "weights that spikes visit, %", "bits per byte",
                [("students", Dots(activity, r => r.BitsPerByte)), .. study.Teacher is { BitsPerByte: not null } t ? [("teacher", (IReadOnlyList<Dot>)[new Dot(100, t.BitsPerByte.Value, double.NaN)])] : Array.Empty<(string, IReadOnlyList<Dot>)>()]));
            yield return ("Times as good as dense, against activity", DotChart.Over(
                "times", "weights that spikes visit, %", "dense over spiking",
                [("energy of the block, modelled", Dots(activity, r => r.Spikes!.BlockX)), ("decoding, measured", Dots(activity, r => r.Decoding?.Ratio))]));
        }

        if (study.Of(StudyGroup.Ablations).Any())
        {
            yield return ("Perplexity by steps, block and terms of SpAD", Named("ppl-ablations", "perplexity", StudyStatistics.BySeed(study.Of(StudyGroup.Ablations), r => r.Perplexity)));
            yield return ("Energy of the blocks, share of the teacher's", Named(
                "energy-share", "%", StudyStatistics.BySeed(study.Rows.Where(r => r.Spikes is not null), r => 100 * study.EnergyShare(r)?.Block)));
        }

        foreach ((StudyGroup group, string title) in ((StudyGroup, string)[])
            [(StudyGroup.Neurons, "Perplexity by neuron"), (StudyGroup.Levels, "Perplexity by levels"), (StudyGroup.Hidden, "Perplexity by hidden loss"), (StudyGroup.Compensation, "Perplexity by SGC"),
                (StudyGroup.TernaryCompensation, "Perplexity by SGC, D = 1")])
        {
            if (study.Of(group).Any())
                yield return (title, Named($"ppl-{group}", "perplexity", StudyStatistics.BySeed(Compared(study, group), r => r.Perplexity)));
        }

        RowResult[] tasks = [.. study.Rows.Where(r => r.Tasks.Count > 0 && (r.Group is StudyGroup.Teacher or StudyGroup.Alignment or StudyGroup.Polarization or StudyGroup.Students or StudyGroup.Ablations || r.Name == study.Best))];
        if (tasks.Length > 1)
            yield return ("Mean of the deciding tasks", Named("tasks", "%", [.. tasks.Select(r => (r.Label, StudyStatistics.Accuracy(r.Tasks)!))]));
    }

    private static string Named(string id, string title, IReadOnlyList<(string Label, Estimate Value)> values) =>
        DotChart.Named(id, title, [.. values.Select(v => (v.Label, v.Value.Value, v.Value.StandardError))]);

    private static IReadOnlyList<Dot> Dots(RowResult[] rows, Func<RowResult, double?> value) =>
        [.. rows.Where(r => value(r) is not null).Select(r => new Dot(100 * r.Spikes!.Operations, value(r)!.Value, double.NaN))];
}
