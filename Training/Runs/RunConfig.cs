using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>Everything that decides what a run computes, as one JSON file. A preset gives the defaults, a file overrides it, flags override both.</summary>
public sealed record RunConfig
{
    /// <summary>Name of the file in a run's folder that holds the effective configuration.</summary>
    public const string FileName = "run.json";

    private static readonly JsonWriterOptions s_writer = new()
    {
        Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What the run does.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>Where the defaults come from.</summary>
    public required string Preset { get; init; }

    /// <summary>Seed of everything random, unless <see cref="Seeds"/> say otherwise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Seeds of parts of the run.</summary>
    public SeedSettings Seeds { get; init; } = new();

    /// <summary>Threads; null leaves the choice to the machine. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>The model; of an alignment, where it starts from; of a distillation, nothing.</summary>
    public ModelSettings Model { get; init; } = new();

    /// <summary>The data.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>The tokenizer of a model that is trained.</summary>
    public TokenizerSettings Tokenizer { get; init; } = new();

    /// <summary>The optimiser.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>The learning rate's course.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>Length, pieces and checkpoints.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>The student of a teacher of type opt.</summary>
    public StudentSettings Student { get; init; } = new();

    /// <summary>How such a student is distilled.</summary>
    public SpadOptions Spad { get; init; } = new();

    /// <summary>Of a distillation.</summary>
    public DistillationSettings Distillation { get; init; } = new();

    /// <summary>Of an alignment.</summary>
    public AlignmentSettings Alignment { get; init; } = new();

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="kind">What shall be done.</param>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">What overrides it, the last one first in rank.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">A setting is unknown, of the wrong kind, out of its range, or contradicts another; the message names file, line and column.</exception>
    public static RunConfig Read(RunKind kind, string? file, params IReadOnlyList<RunFlag> flags)
    {
        ArgumentNullException.ThrowIfNull(flags);
        LocatedValue root = file is null ? new LocatedValue(JsonTokenType.StartObject, new Origin("the command")) : LocatedJson.ReadFile(file);
        foreach (RunFlag flag in flags)
            root.Set(flag.Setting, flag.Value);

        RunConfigCheck.RequireKind(kind, root);
        SettingsReader reader = new(root);
        string preset = reader.Choice("preset", RunPresets.Default, [.. RunPresets.Names]);
        RunConfig config = Pass(reader, RunPresets.Of(kind, preset));
        reader.RequireAllKnown();
        new RunConfigCheck(config, root).Require();
        return config;
    }

    /// <summary>The configuration with all its defaults, as <see cref="Read"/> takes it.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_writer))
        {
            json.WriteStartObject();
            Pass(new SettingsWriter(json), this);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    /// <summary>Writes <see cref="ToJson"/>, whole or not at all.</summary>
    public void Save(string path)
    {
        byte[] json = Encoding.UTF8.GetBytes(ToJson());
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    /// <summary>Settings that a file has otherwise, as <c>training.steps 500 -> 1000</c>; none when it cannot be read.</summary>
    internal static IReadOnlyList<string> Changes(string path, RunConfig now)
    {
        try
        {
            Dictionary<string, string> before = new(SettingsText.Flatten(LocatedJson.ReadFile(path)));
            Dictionary<string, string> after = new(SettingsText.Flatten(LocatedJson.Read(Encoding.UTF8.GetBytes(now.ToJson()), path)));
            return [.. after.Keys.Union(before.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
                .Select(key => $"{key} {before.GetValueOrDefault(key) ?? "none"} -> {after.GetValueOrDefault(key) ?? "none"}")];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    /// <summary>Refuses settings of the other way to distil than that of a teacher.</summary>
    /// <exception cref="InvalidDataException">There are some, or they do not fit the teacher.</exception>
    internal void RequireMethodOf(LanguageModelConfig teacher)
    {
        bool isOpt = teacher is OptConfig;
        DistillationSettings none = new() { Teacher = Distillation.Teacher };
        if (isOpt && Distillation != none)
            throw new InvalidDataException($"Settings of 'distillation' are for a teacher of type mamba2; '{Distillation.Teacher}' is of type {teacher.ModelType}, for which there are 'student' and 'spad'.");
        if (!isOpt && (Student != new StudentSettings() || Spad != new SpadOptions()))
            throw new InvalidDataException($"Settings of 'student' and 'spad' are for a teacher of type opt; '{Distillation.Teacher}' is of type {teacher.ModelType}, for which there is 'distillation'.");
        if (Distillation.Loss.TeacherTopK is { } k && k > teacher.VocabSize)
            throw new InvalidDataException($"'distillation.teacher_top_k' is {k}; the vocabulary of teacher '{Distillation.Teacher}' has {teacher.VocabSize} tokens.");
        if (Data.SequenceLength > (teacher.MaxLength ?? Data.SequenceLength))
            throw new InvalidDataException($"'data.sequence_length' is {Data.SequenceLength}; teacher '{Distillation.Teacher}' has {teacher.MaxLength} positions.");
    }

    private static RunConfig Pass(ISettings s, RunConfig d)
    {
        s.Choice("kind", RunKinds.NameOf(d.Kind), RunKinds.NameOf(d.Kind));
        RunConfig config = d with
        {
            Preset = s.Choice("preset", d.Preset, [.. RunPresets.Names]),
            Seed = s.Seed("seed", d.Seed),
            Seeds = s.Section("seeds", d.Seeds, SeedSettings.Pass),
            Threads = (int?)s.WholeOrNone("threads", d.Threads, 1, int.MaxValue),
        };
        return config.Kind switch
        {
            RunKind.Train => config.PassTrain(s),
            RunKind.Distill => config.PassText(s) with
            {
                Distillation = s.Section("distillation", d.Distillation, DistillationSettings.Pass),
                Student = s.Section("student", d.Student, StudentSettings.Pass),
                Spad = s.Section("spad", d.Spad, SpadSettings.Pass),
            },
            _ => config.PassAlign(s),
        };
    }

    private RunConfig PassTrain(ISettings s)
    {
        ModelSettings model = s.Section("model", Model, ModelSettings.Pass);
        TokenizerSettings tokenizer = model.From is null ? Tokenizer : Tokenizer with { VocabSize = null };
        return (this with { Model = model, Tokenizer = s.Section("tokenizer", tokenizer, TokenizerSettings.Pass) }).PassText(s);
    }

    private RunConfig PassText(ISettings s) => (this with { Data = s.Section("data", Data, DataSettings.Pass) }).PassSteps(s);

    private RunConfig PassAlign(ISettings s) => (this with
    {
        Model = s.Section("model", Model, ModelSettings.PassFrom),
        Alignment = s.Section("alignment", Alignment, AlignmentSettings.Pass),
        Data = s.Section("data", Data, DataSettings.PassPairs),
    }).PassSteps(s);

    private RunConfig PassSteps(ISettings s) => this with
    {
        Optimizer = s.Section("optimizer", Optimizer, OptimizerSettings.Pass),
        Schedule = s.Section("schedule", Schedule, ScheduleSettings.Pass),
        Training = s.Section("training", Training, TrainingSettings.Pass),
    };
}
