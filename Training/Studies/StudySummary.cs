using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Training.Studies;

/// <summary>A study so far: what was planned and what was measured.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Machine">What it was measured on.</param>
/// <param name="RowCount">Rows that there will be.</param>
/// <param name="Rows">Those that are done, in order.</param>
public sealed record StudySummary(StudyPlan Plan, MachineDescription Machine, int RowCount, IReadOnlyList<RowResult> Rows)
{
    /// <summary>Name of its file in the study's folder.</summary>
    public const string FileName = "study.json";

    /// <summary>Energy of the dense model over that of the paper's (SpikingMamba, abstract).</summary>
    private const double PaperBenefit = 4.76;

    /// <summary>The teacher, once it is measured.</summary>
    public RowResult? Teacher => Find(StudyRows.Teacher);

    /// <summary>
    /// Of the students on the activity curve whose block is modelled to take at most 1 / <see cref="PaperBenefit"/> of the energy, the one with the fewest bits per
    /// byte; the one that spikes as it comes when there is none. Not by the answers to the tasks, on which it is judged afterwards (though one of them is made
    /// of the same text).
    /// </summary>
    [JsonIgnore]
    public RowResult? BestStudent =>
        Of(StudyGroup.Activity).Where(r => r.Spikes?.BlockX >= PaperBenefit).MinBy(r => r.BitsPerByte) ?? Find(StudyRows.Natural);

    /// <summary>Its name.</summary>
    public string? Best => BestStudent?.Name;

    /// <summary>Rows of a group.</summary>
    public IEnumerable<RowResult> Of(StudyGroup group) => Rows.Where(r => r.Group == group);

    /// <summary>A row by its name, or null.</summary>
    public RowResult? Find(string name) => Rows.FirstOrDefault(r => r.Name == name);

    /// <summary>Points of a row below the teacher in the mean over the deciding tasks.</summary>
    public Estimate? Gap(RowResult row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Teacher is { } teacher ? StudyStatistics.Gap(teacher.Tasks, row.Tasks) : null;
    }

    /// <summary>Share of the teacher's mean over the deciding tasks that a row reaches; null when one of them was not measured.</summary>
    public double? AccuracyShare(RowResult row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return StudyStatistics.Accuracy(row.Tasks) is { } own && StudyStatistics.Accuracy(Teacher?.Tasks ?? []) is { } teacher ? own.Value / teacher.Value : null;
    }

    /// <summary>Share of the teacher's energy that a row takes, of the blocks and of the whole model.</summary>
    public (double Block, double Model)? EnergyShare(RowResult row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Energy is { } own && Teacher?.Energy is { } teacher ? (own.BlockPj / teacher.BlockPj, own.ModelPj / teacher.ModelPj) : null;
    }

    /// <summary>Writes all figures, whole or not at all.</summary>
    public void Save(string folder) => StudyFile.Save(Path.Combine(folder, FileName), this, StudyJson.Default.StudySummary);
}
