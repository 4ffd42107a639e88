using System.Globalization;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>The rows of the study of BiSpikCLM: a dense teacher, students of 2 and of 4 steps, and SpAD without each of its terms.</summary>
public static class BiSpikRows
{
    /// <summary>The student that is trained for long.</summary>
    public const string LongStudent = "steps-2-long";

    /// <summary>What the short rows are compared with.</summary>
    public const string ShortStudent = "steps-2";

    private const RowMeasures AllTasks = RowMeasures.Tasks | RowMeasures.PaperTasks;
    private const string Steps4 = "steps-4";
    private const string WithoutTerm = "no-";
    private const double LongLength = 15;

    private static readonly (string Name, string Label, string Setting)[] s_ablations =
    [
        (Steps4, "T = 4", "student.time_steps=4"),
        ("random-start", "T = 2, random weights", "student.start=random"),
        ("paper", "T = 2, the paper's block and random weights", "student.block=paper student.reset_after_leak=true student.start=random"),
        ("paper-norms", "T = 2, the paper's block with norms and random weights", "student.block=paper student.reset_after_leak=true student.pre_norm=true student.start=random"),
        (WithoutTerm + "ea", "without EA (embeddings)", "spad.ea_weight=0"),
        (WithoutTerm + "saa", "without SAA (attention)", "spad.saa_weight=0"),
        (WithoutTerm + "sfa", "without SFA (features)", "spad.sfa_weight=0"),
        (WithoutTerm + "sta", "without STA (soft targets)", "spad.sta_weight=0"),
        (WithoutTerm + "hta", "without HTA (hard targets)", "spad.hta_weight=0"),
    ];

    /// <summary>Settings of the teacher beyond the preset: some 3.5 million parameters.</summary>
    public static IReadOnlyList<string> TeacherSettings { get; } =
    [
        "model.architecture=opt", "model.d_model=256", "model.n_layer=4", "model.n_head=4", "tokenizer.vocab_size=1024", "data.sequence_length=256", "data.batch_size=8",
        "data.reset_state=true", "optimizer.learning_rate=2e-3", "optimizer.weight_decay=0.1",
    ];

    /// <summary>Settings of every student beyond the preset.</summary>
    public static IReadOnlyList<string> StudentSettings { get; } =
    [
        "student.block=stable", "student.start=teacher", "data.sequence_length=256", "data.batch_size=8", "data.reset_state=true", "optimizer.learning_rate=2e-3",
        "schedule.warmup_share=0.05", "training.evaluate_every=null",
    ];

    /// <summary>In the order in which they are done.</summary>
    public static IReadOnlyList<StudyRow> Of(StudyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            new() { Name = StudyRows.Teacher, Group = StudyGroup.Teacher, Label = "teacher", Kind = options.Teacher is null ? RunKind.Train : null, Measures = AllTasks },
            Student(LongStudent, StudyGroup.Students, "T = 2, long", options.Seed) with { Length = LongLength, Measures = AllTasks | RowMeasures.Decoding },
            .. Enumerable.Range(0, options.Seeds).SelectMany(i => Ablations(options.Seed + (ulong)i, i == 0)),
        ];
    }

    private static IEnumerable<StudyRow> Ablations(ulong seed, bool first)
    {
        RowMeasures measures = first ? AllTasks : RowMeasures.None;
        yield return Student(Named(ShortStudent, seed, first), StudyGroup.Ablations, "T = 2", seed) with { Measures = measures };
        foreach ((string name, string label, string setting) in s_ablations)
            yield return Student(Named(name, seed, first), StudyGroup.Ablations, label, seed, setting.Split(' ')) with { Measures = measures, Cost = name == Steps4 ? 2 : 1 };
    }

    private static string Named(string name, ulong seed, bool first) => first ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-seed{seed}");

    private static StudyRow Student(string name, StudyGroup group, string label, ulong seed, params IReadOnlyList<string> settings) => new()
    {
        Name = name, Group = group, Label = label, Kind = RunKind.Distill, From = StudyRows.Teacher, Seed = seed, Settings = [.. StudentSettings, .. settings],
    };
}
