using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>Everything that decides what a run of a language model computes.</summary>
public sealed record RunConfig : RunSettings
{
    /// <summary>The model; of an alignment, where it starts from; of a distillation, nothing.</summary>
    public ModelSettings Model { get; init; } = new();

    /// <summary>The data.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>The tokenizer of a model that is trained.</summary>
    public TokenizerSettings Tokenizer { get; init; } = new();

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
        LocatedValue root = Root(file, flags);
        RunConfigCheck.RequireKind(kind, root);
        SettingsReader reader = new(root);
        string preset = reader.Choice("preset", RunPresets.Default, [.. RunPresets.Names]);
        RunConfig config = Pass(reader, RunPresets.Of(kind, preset));
        reader.RequireAllKnown();
        new RunConfigCheck(config, root).Require();
        return config;
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

    private protected override void Write(ISettings s) => Pass(s, this);

    private static RunConfig Pass(ISettings s, RunConfig d)
    {
        RunConfig config = PassBegin(s, d, RunPresets.Names);
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

    private RunConfig PassSteps(ISettings s) => PassEnd(s, this);
}
