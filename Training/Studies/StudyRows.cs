using System.Globalization;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>The rows of the SpikingMamba study: its tables at a size that a workstation can run, the most wanted rows first.</summary>
public static class StudyRows
{
    /// <summary>Name of the dense model.</summary>
    public const string Teacher = "teacher";

    /// <summary>The student that spikes as it comes, trained long; the activity curve starts from its settings.</summary>
    public const string Natural = "ti_lif-long";

    /// <summary>In the place of a row's name, and of its label: the student of the activity curve that <see cref="StudySummary.BestStudent"/> finds.</summary>
    public const string Best = "{best}";

    /// <summary>The row with D = 1, and the beginning of the names of those that are compared with it.</summary>
    public const string Ternary = "levels-1";


    /// <summary>Steps of the long rows over those of the short ones.</summary>
    private const double Long = 4;

    /// <summary>A threshold is one number for a whole layer, and has a longer way to go than a weight.</summary>
    private const string FastThresholds = """optimizer.groups=[{ "pattern": "*_neuron.threshold", "learning_rate_factor": 10 }]""";

    // Students of a trained teacher spike with less than a third of their inputs as they come: more spikes are smaller ones.
    private static readonly string[] s_finerSpikes = ["distillation.threshold=0.5", "distillation.levels=8"];

    private static readonly NumberFormatInfo s_invariant = CultureInfo.InvariantCulture.NumberFormat;

    /// <summary>The teacher that is trained when none is given, as <c>--set</c> takes it.</summary>
    public static IReadOnlyList<string> TeacherSettings { get; } =
    [
        "model.d_model=320", "model.n_layer=4", "model.d_state=16", "model.headdim=64", "model.chunk_size=64", "tokenizer.vocab_size=1024",
        "data.sequence_length=256", "data.batch_size=8", "data.reset_state=true", "optimizer.learning_rate=3e-3", "optimizer.weight_decay=0.1",
    ];

    /// <summary>What all students have in common: the paper's loss, documents that do not see each other, a rate that is halved from the teacher's.</summary>
    public static IReadOnlyList<string> StudentSettings { get; } =
    [
        "data.sequence_length=256", "data.batch_size=8", "data.reset_state=true", "optimizer.learning_rate=2e-3",
        "schedule.warmup_share=0.05", "training.evaluate_every=null",
    ];

    // A path that enters the forward pass follows the input as far as the counts reach, and is gone when two fifths of the steps are left.
    private static readonly string[] s_annealed =
        ["distillation.compensation=0.5", "distillation.compensation_width=4", "distillation.compensation_anneal_share=0.6"];

    private static readonly (string Form, string Label, string[] Settings)[] s_compensations =
    [
        ("value_preserving", "SGC A, value-preserving, 1/4", ["distillation.compensation=0.25"]),
        ("mix", "SGC B, mix, 1/2 to 0", s_annealed),
        ("shared_branch", "SGC C, shared branch, 1/2 to 0", s_annealed),
        ("own_branch", "SGC, branch of its own, 1/2 to 0", s_annealed),
        ("zones", "SGC, dead and saturated zone, 1/4", ["distillation.compensation=0.25"]),
    ];

    // With D = 1 half of the inputs are beyond the last count, where the rectangular surrogate has no gradient: what compensation has to give shows here.
    private static readonly (string Form, string Label, string[] Settings)[] s_ternaryCompensations =
    [
        ("value_preserving", "D = 1, SGC A, value-preserving, 1/2, w = 2", ["distillation.compensation=0.5", "distillation.compensation_width=2"]),
        ("zones", "D = 1, SGC, dead and saturated zone, 1/2", ["distillation.compensation=0.5"]),
        ("own_branch", "D = 1, SGC, branch of its own, 1/2 to 0", s_annealed),
    ];

    private static readonly (string Name, string Label)[] s_neurons = [("ti_lif", "TI-LIF"), ("i_lif", "I-LIF"), ("lif", "LIF")];

    private static readonly (string Name, SpikeSite Site, float Value)[] s_polarizations =
    [
        ("y_max = 0", SpikeSite.OutProj, 0f), ("y_max = 1", SpikeSite.OutProj, 1f), ("u_max = 0", SpikeSite.InProj, 0f), ("u_max = 1", SpikeSite.InProj, 1f),
    ];

    /// <summary>All rows, in the order in which they are done.</summary>
    /// <param name="options">Which system, how many seeds.</param>
    public static IReadOnlyList<StudyRow> Of(StudyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.System == StudySystem.BiSpikClm)
            return BiSpikRows.Of(options);
        ulong[] seeds = [.. Enumerable.Range(0, options.Seeds).Select(i => options.Seed + (ulong)i)];
        return
        [
            new() { Name = Teacher, Group = StudyGroup.Teacher, Label = "teacher", Kind = options.Teacher is null ? RunKind.Train : null, Measures = RowMeasures.Tasks | RowMeasures.PaperTasks },
            .. Activity(options.Seed),
            .. Alignment(options.Seed),
            .. Polarization(),
            .. Neurons(options.Seed, first: true),
            .. Levels(options.Seed),
            .. seeds.Skip(1).SelectMany(seed => Neurons(seed, first: false)).OrderBy(row => !row.Name.StartsWith("ti_lif", StringComparison.Ordinal)),
            .. seeds.SelectMany(Compensation),
            .. seeds.SelectMany(seed => TernaryCompensation(seed, isFirst: seed == options.Seed)),
            .. seeds.SelectMany(Hidden),
        ];
    }

    private static IEnumerable<StudyRow> Neurons(ulong seed, bool first)
    {
        foreach ((string neuron, string label) in s_neurons)
        {
            yield return Student(Seeded(neuron, seed), StudyGroup.Neurons, label, seed, $"distillation.neuron={neuron}") with
            {
                Measures = first ? RowMeasures.Tasks : RowMeasures.None,
            };
        }
    }

    private static IEnumerable<StudyRow> Hidden(ulong seed)
    {
        yield return Student(Seeded("no-hidden", seed), StudyGroup.Hidden, "no hidden loss", seed, "distillation.hidden_weight=0");
        yield return Student(
            Seeded("hidden-pre-norm", seed), StudyGroup.Hidden, "hidden loss on the residual stream, squared", seed,
            "distillation.hidden_point=pre_norm", "distillation.hidden_form=mse");
    }

    private static IEnumerable<StudyRow> Levels(ulong seed)
    {
        foreach (int levels in (int[])[1, 2, 8])
            yield return Student($"levels-{levels}", StudyGroup.Levels, LevelsLabel(levels), seed, $"distillation.levels={levels}") with { Measures = RowMeasures.Tasks };
    }

    private static IEnumerable<StudyRow> Activity(ulong seed)
    {
        const RowMeasures Measures = RowMeasures.Tasks | RowMeasures.PaperTasks | RowMeasures.Decoding;
        yield return Student(Natural, StudyGroup.Activity, "TI-LIF, natural", seed) with { Length = Long, Measures = Measures };
        foreach (int percent in (int[])[40, 30, 20, 10, 5])
        {
            yield return Student(
                $"activity-{percent}", StudyGroup.Activity, $"TI-LIF, {percent} %", seed,
                ["distillation.learn_thresholds=true", FastThresholds, string.Create(s_invariant, $"distillation.activity_target={percent / 100.0}"), .. percent >= 30 ? s_finerSpikes : []]) with
            {
                Length = Long,
                Measures = Measures,
            };
        }
    }

    private static IEnumerable<StudyRow> Compensation(ulong seed)
    {
        foreach ((string form, string label, string[] settings) in s_compensations)
            yield return Student(Seeded($"sgc-{form}", seed), StudyGroup.Compensation, label, seed, [$"distillation.compensation_form={form}", .. settings]);
    }

    private static IEnumerable<StudyRow> TernaryCompensation(ulong seed, bool isFirst)
    {
        // The first seed without compensation is a row of the levels.
        if (!isFirst)
            yield return Student(Seeded(Ternary, seed), StudyGroup.TernaryCompensation, LevelsLabel(1), seed, "distillation.levels=1");
        foreach ((string form, string label, string[] settings) in s_ternaryCompensations)
        {
            yield return Student(
                Seeded($"{Ternary}-sgc-{form}", seed), StudyGroup.TernaryCompensation, label, seed,
                ["distillation.levels=1", $"distillation.compensation_form={form}", .. settings]);
        }
    }

    private static IEnumerable<StudyRow> Alignment(ulong seed)
    {
        foreach (string method in (string[])["dpo", "kto"])
        {
            yield return new StudyRow
            {
                Name = method,
                Group = StudyGroup.Alignment,
                Label = $"{method.ToUpperInvariant()} after {Best}",
                Kind = RunKind.Align,
                From = Best,
                Seed = seed,
                Settings = [$"alignment.method={method}", "data.sequence_length=384", "data.batch_size=8", "optimizer.learning_rate=5e-5", "training.evaluate_every=null"],
                Measures = RowMeasures.Tasks | RowMeasures.PaperTasks,
            };
        }
    }

    private static IEnumerable<StudyRow> Polarization()
    {
        foreach ((string of, string name) in ((string, string)[])[(Teacher, "teacher"), (Best, "student")])
        {
            foreach ((string channel, SpikeSite site, float value) in s_polarizations)
            {
                yield return new StudyRow
                {
                    Name = $"{name}-{channel[0]}{value:F0}",
                    Group = StudyGroup.Polarization,
                    Label = $"{of}, {channel}",
                    From = of,
                    Measures = RowMeasures.Tasks,
                    Polarization = new PolarizationSetting(site, value),
                };
            }
        }
    }

    private static StudyRow Student(string name, StudyGroup group, string label, ulong seed, params IReadOnlyList<string> settings) => new()
    {
        Name = name, Group = group, Label = label, Kind = RunKind.Distill, From = Teacher, Seed = seed, Settings = [.. StudentSettings, .. settings],
    };

    private static string LevelsLabel(int levels) => string.Create(s_invariant, $"D = {levels}");

    private static string Seeded(string name, ulong seed) => string.Create(s_invariant, $"{name}-seed{seed}");
}
