using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>What a study is made from, and how long it may take.</summary>
public sealed record StudyOptions
{
    /// <summary>Folder of the study: plan, runs, results, page.</summary>
    public required string Folder { get; init; }

    /// <summary>Which of the published systems is studied.</summary>
    public StudySystem System { get; init; }

    /// <summary>
    /// Time for all rows together. It decides the number of steps when the study is begun; once begun, the plan decides, so that a study
    /// that was stopped ends as it would have without the stop.
    /// </summary>
    public double BudgetMinutes { get; init; } = 60;

    /// <summary>Folder of a dense model to distil; null to train one.</summary>
    public string? Teacher { get; init; }

    /// <summary>Settings of the teacher to train, as <c>spike train --config</c> takes them; null for <see cref="StudyRows.TeacherSettings"/>.</summary>
    public string? TeacherConfig { get; init; }

    /// <summary>Text to learn from: files, folders, or <see cref="DataSettings.SdkDocs"/>.</summary>
    public IReadOnlyList<string> Data { get; init; } = [DataSettings.SdkDocs];

    /// <summary>Text to be measured on; without any, the end of <see cref="Data"/>.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>Files of pairs for DPO and KTO; without any, pairs are made from <see cref="Data"/>.</summary>
    public IReadOnlyList<string> Preferences { get; init; } = [];

    /// <summary>Files of pairs to measure the alignment on.</summary>
    public IReadOnlyList<string> PreferencesValidation { get; init; } = [];

    /// <summary>Folders with the files of zero-shot tasks; those that are there are measured.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Seeds of the rows that are compared by their perplexity.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>The first of them.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of its range.</summary>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        if (!(BudgetMinutes > 0 && double.IsFinite(BudgetMinutes)))
            throw new ArgumentException($"{nameof(BudgetMinutes)} is {BudgetMinutes}, not a positive number");
        if (Seeds < 1)
            throw new ArgumentException($"{nameof(Seeds)} is {Seeds}, not positive");
        if (Data.Count == 0)
            throw new ArgumentException($"{nameof(Data)} is empty");
        if (Teacher is not null && TeacherConfig is not null)
            throw new ArgumentException($"{nameof(Teacher)} and {nameof(TeacherConfig)} contradict each other: a teacher that is there is not trained");
    }
}
