using SpikeEngine.Training.Studies;

namespace SpikeEngine.Cli.Studies;

/// <summary>The tables of the study of BiSpikCLM.</summary>
internal static class BiSpikTables
{
    public static IEnumerable<StudyTable> Of(StudySummary study)
    {
        RowResult[] central = [.. study.Rows.Where(r => r.Group is StudyGroup.Teacher or StudyGroup.Students)];
        yield return Models(study, "Teacher and student", central);
        if (study.Of(StudyGroup.Ablations).Any())
        {
            yield return Ablations(study);
            yield return Models(study, "Steps and blocks: tasks, spikes, energy", [.. study.Of(StudyGroup.Ablations).Where(r => r.Tasks.Count > 0)]);
        }

        yield return StudyTables.Tasks(study, "The tasks whose mean decides", [.. study.Rows.Where(r => r.Tasks.Count > 0)], r => r.Tasks);
        RowResult[] zeroShot = [.. study.Rows.Where(r => r.PaperTasks.Count > 0)];
        if (zeroShot.Length > 0)
            yield return StudyTables.Tasks(study, "Zero-shot tasks (at chance for models of this size)", zeroShot, r => r.PaperTasks);
    }

    private static StudyTable Models(StudySummary study, string title, RowResult[] rows) => new(
        title,
        "Accuracy: mean of the deciding tasks, in percent; share: of the teacher's. Gap: points below the teacher on the same items. ±: one standard error. Energy: modelled, spiking operations against the "
        + "teacher's multiply-accumulates, of the blocks and of the whole model with embedding, last norm and head (the paper: 4.16 to 5.87 % at 2 steps). Decoding: tokens per second over those of the same model with every "
        + "weight multiplied, both in int8.",
        ["bits/byte", "perplexity", "accuracy", "share", "gap", "spikes", "energy, block", "energy, model", "decoding", "steps", "training, min"],
        [.. rows.Select(r => (r.Label, (string[])
        [
            StudyTables.F(r.BitsPerByte, "F3"), StudyTables.F(r.Perplexity, "F3"), StudyTables.Text(StudyStatistics.Accuracy(r.Tasks)),
            StudyTables.F(100 * study.AccuracyShare(r), "F1", " %"), r.Group == StudyGroup.Teacher ? "" : StudyTables.Text(study.Gap(r)),
            StudyTables.F(100 * r.Spikes?.Rate, "F1", " %"), StudyTables.F(100 * study.EnergyShare(r)?.Block, "F2", " %"), StudyTables.F(100 * study.EnergyShare(r)?.Model, "F2", " %"),
            StudyTables.F(r.Decoding?.Ratio, "F2", "x"), r.Steps == 0 ? "" : StudyTables.F(r.Steps, "N0"), r.Steps == 0 ? "" : StudyTables.F(r.TrainingS / 60, "F1"),
        ]))]);

    private static StudyTable Ablations(StudySummary study)
    {
        RowResult[] rows = [.. study.Of(StudyGroup.Ablations)];
        var perplexity = StudyStatistics.BySeed(rows, r => r.Perplexity);
        var bits = StudyStatistics.BySeed(rows, r => r.BitsPerByte);
        var rate = StudyStatistics.BySeed(rows, r => 100 * r.Spikes?.Rate);
        var energy = StudyStatistics.BySeed(rows, r => 100 * study.EnergyShare(r)?.Block);
        return new StudyTable(
            "Steps, blocks, and SpAD without each of its terms",
            "Means over seeds ± one standard error, rows of equal length; the difference is to the first line, seed by seed. Energy: of the teacher's blocks.",
            ["perplexity", "difference", "bits/byte", "spikes, %", "energy, block, %", "seeds"],
            [.. perplexity.Select((p, i) => (p.Label, (string[])
            [
                StudyTables.Text(p.Value, "F3"), i == 0 ? "" : StudyTables.Text(StudyTables.Difference(rows, perplexity[0].Label, p.Label), "F3"), StudyTables.Text(bits[i].Value, "F4"),
                StudyTables.Text(rate[i].Value, "F1"), StudyTables.Text(energy[i].Value), StudyTables.F(p.Value.Count, "N0"),
            ]))]);
    }
}
