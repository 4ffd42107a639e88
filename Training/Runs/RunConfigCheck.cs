using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>Finds settings that contradict each other, each of them fine alone, and says where both were written.</summary>
internal sealed class RunConfigCheck(RunConfig config, LocatedValue root)
{
    /// <summary>A file for one command is no file for another: half of it would mean nothing.</summary>
    public static void RequireKind(RunKind kind, LocatedValue root)
    {
        string verb = RunKinds.NameOf(kind);
        if (root.Find("kind") is { } named && named.Value.Text != verb)
        {
            string names = string.Join(" or ", Enum.GetValues<RunKind>().Select(k => $"\"{RunKinds.NameOf(k)}\""));
            throw named.Value.Origin.Error(Enum.GetValues<RunKind>().Any(k => RunKinds.NameOf(k) == named.Value.Text)
                ? $"'kind' is \"{named.Value.Text}\", but this is `spike {verb}`; use `spike {named.Value.Text}`"
                : $"'kind' is {named.Value.Shown()}; it must be {names}");
        }

        Foreign("distillation", RunKind.Distill);
        Foreign("alignment", RunKind.Align);
        if (kind != RunKind.Train && root.Find("tokenizer") is { } tokenizer)
            throw tokenizer.Origin.Error($"'tokenizer' contradicts `spike {verb}`, which uses the tokenizer of the {(kind == RunKind.Distill ? "teacher" : "model")}");
        if (kind == RunKind.Distill && root.Find("model") is { } model)
            throw model.Origin.Error("'model' contradicts `spike distill`, whose student has the sizes of 'distillation.teacher', or, of type opt, those of 'student'");

        void Foreign(string section, RunKind home)
        {
            if (kind == home || root.Find(section) is not { } member)
                return;
            string said = root.Find("kind") is { } k ? $"'kind' \"{verb}\" ({k.Value.Origin})" : $"`spike {verb}`";
            throw member.Origin.Error($"'{section}' contradicts {said}; it is for `spike {RunKinds.NameOf(home)}`");
        }
    }

    /// <summary>Throws for the first contradiction.</summary>
    public void Require()
    {
        if (config.Kind == RunKind.Train)
            RequireModel();
        if (config.Training.Steps is { } steps && config.Schedule.WarmupSteps is { } warmup && warmup >= steps)
            throw Contradiction("schedule.warmup_steps", warmup, "training.steps", steps, "the warm-up is as long as the run, or longer");
        if (config.Kind == RunKind.Distill)
            RequireDistillation();
        RequireInputs();
    }

    private void RequireDistillation()
    {
        DistillationOptions loss = config.Distillation.Loss;
        if (loss is { KLWeight: 0, HiddenWeight: 0, CrossEntropyWeight: 0 })
        {
            throw Contradiction(
                "distillation.kl_weight", 0, "distillation.hidden_weight", 0, "with 'distillation.cross_entropy_weight' 0 as well the loss has no term");
        }

        bool isOpt = IsOptTeacher();
        if (Enum.GetValues<SpadTerm>().All(term => config.Spad[term] == 0f))
            throw Contradiction("spad.sta_weight", 0, "spad.hta_weight", 0, "with all other weights of 'spad' 0 as well the loss has no term");
        if (isOpt && config.Training.ActivationCheckpointing && (config.Spad.Attention != 0f || config.Spad.Features != 0f))
        {
            throw Contradiction(
                "training.activation_checkpointing", "true", config.Spad.Attention != 0f ? "spad.saa_weight" : "spad.sfa_weight",
                config.Spad.Attention != 0f ? config.Spad.Attention : config.Spad.Features, "what is inside the blocks is compared, and so has to be kept");
        }

        if (!isOpt && config.Training.ActivationCheckpointing && loss.HiddenWeight != 0f)
        {
            throw Contradiction(
                "training.activation_checkpointing", "true", "distillation.hidden_weight", loss.HiddenWeight,
                "what the blocks give is compared, and so has to be kept");
        }

        if (loss.Compensation != 0f && config.Distillation.Spiking.Neuron == NeuronKind.Lif)
            throw Contradiction("distillation.compensation", loss.Compensation, "distillation.neuron", "lif", "it is for the counts of integer neurons, ti_lif or i_lif");
        if (loss.Activity.Target is { } target)
            RequireActivity(target);
        if (loss.TeacherTopK is { } k)
            RequireTopK(k, loss);
    }

    /// <summary>Whether the teacher is there and of type opt, whose distillation has settings of its own.</summary>
    private bool IsOptTeacher() =>
        config.Distillation.Teacher is { } teacher && File.Exists(Path.Combine(teacher, ModelFolder.ConfigFile)) && ModelConfig.Load(teacher) is OptConfig;

    private void RequireActivity(double target)
    {
        const string Setting = "distillation.activity_target";
        if (config.Training.ActivationCheckpointing)
            throw Contradiction("training.activation_checkpointing", "true", Setting, target, "what comes to the neurons is counted, and so has to be kept");
        if (config.Distillation.Spiking.Neuron == NeuronKind.Lif)
            throw Contradiction(Setting, target, "distillation.neuron", "lif", "a target for spikes needs integer neurons, ti_lif or i_lif");
    }

    private void RequireTopK(int k, DistillationOptions loss)
    {
        const string Setting = "distillation.teacher_top_k";
        if (loss.HiddenWeight != 0f)
            throw Contradiction(Setting, k, "distillation.hidden_weight", loss.HiddenWeight, "hidden states are not kept in a file; set the weight to 0");
        if (loss.ReverseShare != 0f)
            throw Contradiction(Setting, k, "distillation.reverse_kl_share", loss.ReverseShare, "the reverse divergence needs all of the teacher's tokens");
        if (loss.Temperature != 1f)
            throw Contradiction(Setting, k, "distillation.temperature", loss.Temperature, "the likeliest tokens are kept with their probabilities at temperature 1");
    }

    private void RequireInputs()
    {
        if (config.Data.Train.Count == 0)
            throw Missing("data.train", config.Kind == RunKind.Align ? "name a JSONL file of preferences" : $"name text files or folders, or \"{DataSettings.SdkDocs}\"", "--data");
        if (config.Kind == RunKind.Distill && config.Distillation.Teacher is null)
            throw Missing("distillation.teacher", "name the folder of the model to distil", "--teacher");
        if (config.Kind == RunKind.Align && config.Model.From is null)
            throw Missing("model.from", "name the folder of the model to align", "--model");
    }

    private void RequireModel()
    {
        ModelSettings model = config.Model;
        if (model.From is { } from)
        {
            if (config.Tokenizer.VocabSize is { } learned)
                throw Contradiction("tokenizer.vocab_size", learned, "model.from", from, "a model that is read has its tokenizer");
            return;
        }

        if (model.VocabSize < config.Tokenizer.VocabSize)
            throw Contradiction("model.vocab_size", model.VocabSize, "tokenizer.vocab_size", config.Tokenizer.VocabSize, "the model has fewer tokens than its tokenizer");
        if (model.Architecture == ModelSettings.Opt)
            RequireOpt(model);
        else
            RequireMamba2(model);
    }

    private void RequireOpt(ModelSettings model)
    {
        if (model.DModel % model.HeadCount != 0)
            throw Contradiction("model.n_head", model.HeadCount, "model.d_model", model.DModel, "heads have to divide the width");
        if (model.MaxPositions < config.Data.SequenceLength)
            throw Contradiction("model.max_positions", model.MaxPositions, "data.sequence_length", config.Data.SequenceLength, "sequences are longer than the model has positions");
    }

    private void RequireMamba2(ModelSettings model)
    {
        long inner = (long)model.Expand * model.DModel;
        if (inner % model.HeadDim != 0)
            throw Contradiction("model.headdim", model.HeadDim, "model.d_model", model.DModel, $"headdim does not divide d_inner = expand * d_model = {inner}");
        if (inner / model.HeadDim % model.GroupCount != 0)
            throw Contradiction("model.ngroups", model.GroupCount, "model.headdim", model.HeadDim, $"ngroups does not divide the {inner / model.HeadDim} heads");
    }

    private InvalidDataException Missing(string setting, string what, string flag)
    {
        LocatedMember? section = SettingsReader.Find(root, setting.Split('.')[0]);
        return (section?.Origin ?? root.Origin).Error($"'{setting}' is missing; {what} (or give {flag})");
    }

    private InvalidDataException Contradiction(string first, object? value, string second, object? other, string why)
    {
        string at = Place(second), text = FormattableString.Invariant($"'{first}' {value} contradicts '{second}' {other} ({at}): {why}");
        return SettingsReader.Find(root, first) is { } member
            ? member.Value.Origin.Error(text)
            : SettingsReader.Find(root, second) is { } known
                ? known.Value.Origin.Error(FormattableString.Invariant($"'{second}' {other} contradicts '{first}' {value} ({Place(first)}): {why}"))
                : new InvalidDataException(text);
    }

    private string Place(string setting) => SettingsReader.Find(root, setting)?.Value.Origin.ToString() ?? $"preset {config.Preset}";
}
