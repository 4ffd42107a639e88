using SpikeEngine.Cli;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;
using SpikeEngine.Tests.Reference;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>From text to a BiSpikCLM student by settings alone, and every command on teacher and student.</summary>
[Collection(Lanes.Name)]
public sealed class SpadRunTests : IDisposable
{
    private static readonly string[] s_student = ["student.time_steps=2", "spad.gradient_norms_every=5"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_teacher_and_its_student_serve_every_command()
    {
        string teacher = Teacher(), student = Distil(teacher, "student", s_student).ModelFolder!, text = TinyConfigs.Text(_folder);
        MetricsLine first = MetricsLog.Read(Path.Combine(_folder.File("student"), MetricsFiles.JsonFile)).Lines[0];
        Assert.All(["ea", "saa", "sfa", "sta", "hta"], term => Assert.True(first["loss_" + term] > 0 && first["grad_norm_" + term] > 0, term));
        Assert.DoesNotContain(ModelFolder.Load(student).Parameters(), p => p.Path.StartsWith("training.", StringComparison.Ordinal));

        foreach ((string model, string kind) in ((string, string)[])[(teacher, "OPT (dense transformer)"), (student, "BiSpikCLM (spiking transformer)")])
        {
            Assert.Contains(kind, await Spike("info", "--model", model), StringComparison.Ordinal);
            Assert.Contains("all the same", await Spike("verify", "--model", model), StringComparison.Ordinal);
            Assert.StartsWith("The 3th cat", await Spike("generate", "--model", model, "--prompt", "The 3th cat", "--tokens", "100", "--temperature", "0"), StringComparison.Ordinal);
            Assert.Contains("cloze", await Spike("eval", "--model", model, "--tasks", $"text:{text},cloze:{text}"), StringComparison.Ordinal);
        }

        string energy = await Spike("energy", "--model", student, "--text", text, "--teacher", teacher);
        Assert.All(["qkv_proj", "scores", "mixing", "attention_out_proj", "fc1", "embedding", "final_norm", "head", "attention_map", "of the teacher", "multiplied, int8"], part => Assert.Contains(part, energy, StringComparison.Ordinal));
        Assert.Contains("The model is dense", await Spike("energy", "--model", teacher, "--text", text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_of_a_run_and_a_prompt_without_room_are_named()
    {
        string teacher = Teacher(), run = _folder.File("teacher"), text = TinyConfigs.Text(_folder);
        foreach (string[] command in (string[][])
            [["generate", "--model", run, "--prompt", "The"], ["verify", "--model", run], ["info", "--model", run], ["energy", "--model", run, "--text", text], ["eval", "--model", run, "--tasks", $"text:{text}"]])
        {
            Assert.Equal((1, "", $"error: '{run}' is the folder of a run; its model is '{teacher}'.\n"), await Try(command));
        }

        Assert.Equal((1, "", $"error: Model '{run}s' does not exist.\n"), await Try("verify", "--model", run + "s"));
        Assert.Equal((1, "", $"error: '{text}' is a file; a model is a folder with config.json.\n"), await Try("verify", "--model", text));
        Assert.Equal((1, "", $"error: Model '{_folder.Path}' has no config.json.\n"), await Try("verify", "--model", _folder.Path));

        (int code, string output, string error) = await Try("generate", "--model", teacher, "--prompt", string.Concat(Enumerable.Repeat("The 3th cat. ", 30)));
        Assert.Equal((1, ""), (code, output));
        Assert.Matches("^error: The prompt has [0-9]+ tokens; '.*' has positions for 30\\.\n$", error);
    }

    [Fact]
    public void A_new_transformer_ends_texts_with_the_token_of_its_tokenizer()
    {
        string vocabulary = _folder.Write("vocab.json", """{"<s>": 0, "<pad>": 1, "</s>": 2, "a": 3, "b": 4, "ab": 5}""");
        _folder.Write("merges.txt", "a b\n");
        string text = _folder.Write("ab.txt", string.Join("</s>", Enumerable.Repeat("abba", 400)));
        RunConfig config = RunConfig.Read(
            RunKind.Train, null,
            [
                RunFlag.OfTexts("--data", "data.train", text),
                .. ((string[])["model.architecture=opt", "model.d_model=8", "model.n_layer=1", "model.n_head=1", $"tokenizer.path={vocabulary}", .. TinyConfigs.StepSettings(_folder)]).Select(RunFlag.Parse),
            ]);
        string model = TrainRun.Run(config, _folder.File("run"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;
        OptConfig written = OptConfigFile.Load(Path.Combine(model, "config.json"));
        Assert.Equal((2, 2), (written.BosTokenId, written.EosTokenId));
    }

    [Fact]
    public void A_student_has_the_sizes_and_neurons_that_settings_say()
    {
        string student = Distil(Teacher(), "student", "student.d_model=24", "student.n_head=3", "student.n_layer=1", "student.block=stable", "student.threshold=0.9", "student.detach_reset=true").ModelFolder!;
        OptConfig config = OptConfigFile.Load(Path.Combine(student, "config.json"));
        Assert.Equal((24, 3, 1, 96, true, SpikingResidual.Stream, 0.9f, true), (config.DModel, config.HeadCount, config.LayerCount, config.FfnDim,
            config.Spiking!.PreNorm, config.Spiking.Residual, config.Spiking.Threshold, config.Spiking.DetachesReset));
    }

    [Fact]
    public void What_is_not_set_is_the_papers()
    {
        RunConfig config = TinyConfigs.Distill(_folder, "t");
        Assert.Equal((new SpadOptions(), BinarySpiking.Paper, SpadStart.Random), (config.Spad, config.Student.Neurons, config.Student.Start));
        Assert.Equal((0.2f, 0.1f, 0.1f, 0.3f, 0.3f, 2f), (config.Spad.Embedding, config.Spad.Attention, config.Spad.Features, config.Spad.SoftTargets, config.Spad.HardTargets, config.Spad.Temperature));
        Assert.Equal((0.7f, 0.9f, 2f, 2, false), (config.Student.Neurons.Threshold, config.Student.Neurons.Beta, config.Student.Neurons.SurrogateAlpha, config.Student.Neurons.TimeSteps, config.Student.Neurons.DetachesReset));
    }

    [Fact]
    public void A_run_that_is_stopped_goes_on_as_if_it_had_not_been()
    {
        string teacher = Teacher();
        RecordingRun stopped = new() { StopAfter = 5 };
        RunConfig config = Config(teacher, s_student);
        DistillRun.Run(config, _folder.File("parts"), ExistingRun.Refuse, RunFormats.BuiltIn, stopped, stopped.Token);
        string parts = DistillRun.Run(config, _folder.File("parts"), ExistingRun.Resume, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;
        string whole = DistillRun.Run(config, _folder.File("whole"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model.safetensors")), File.ReadAllBytes(Path.Combine(parts, "model.safetensors")));
    }

    [Theory]
    [InlineData("student.block=free", "it must be \"paper\" or \"stable\"")]
    [InlineData("student.time_steps=5", "'student.time_steps' is 5")]
    [InlineData("student.residual=sum", "it must be \"spikes\" or \"stream\"")]
    [InlineData("student.start=copy", "it must be \"random\" or \"embeddings\" or \"teacher\"")]
    [InlineData("spad.temperature=0", "'spad.temperature' is 0")]
    [InlineData("spad.ea_weight=-1", "'spad.ea_weight' is -1")]
    [InlineData("spad.kl_weight=1", "kl_weight")]
    [InlineData("student.beta=1", "'student.beta' is 1")]
    [InlineData("spad.ea_weight=0 spad.saa_weight=0 spad.sfa_weight=0 spad.sta_weight=0 spad.hta_weight=0", "the loss has no term")]
    public void A_setting_that_cannot_be_is_refused(string set, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TinyConfigs.Distill(_folder, "t", set.Split(' '))).Message, StringComparison.Ordinal);

    [Fact]
    public void Settings_of_the_other_way_to_distil_are_refused_before_there_is_a_folder()
    {
        string opt = Teacher();
        Assert.Contains("are for a teacher of type mamba2", Refusal(opt, "distillation.levels=2"), StringComparison.Ordinal);
        string mamba2 = TrainRun.Run(TinyConfigs.Train(_folder), _folder.File("mamba2"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;
        Assert.Contains("are for a teacher of type opt", Refusal(mamba2, "spad.temperature=3"), StringComparison.Ordinal);
        Assert.Contains("'training.activation_checkpointing' true contradicts 'spad.saa_weight'", Refusal(opt, "training.activation_checkpointing=true"), StringComparison.Ordinal);
        Assert.Contains("HeadCount 3 does not divide DModel 16", Refusal(opt, "student.n_head=3"), StringComparison.Ordinal);
        Assert.Contains("has to start random", Refusal(opt, "student.d_model=8", "student.n_head=1", "student.start=teacher"), StringComparison.Ordinal);
        Assert.Contains("'data.sequence_length' is 40", Refusal(opt, "data.sequence_length=40"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("refused")));

        string Refusal(string teacher, params string[] set) => Assert.Throws<InvalidDataException>(() => Distil(teacher, "refused", set)).Message;
    }

    private string Teacher() => TrainRun.Run(
        TinyConfigs.Transformer(_folder), _folder.File("teacher"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;

    private RunConfig Config(string teacher, params string[] set) => TinyConfigs.Distill(_folder, teacher, set);

    private RunResult Distil(string teacher, string folder, params string[] set) =>
        DistillRun.Run(Config(teacher, set), _folder.File(folder), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default);

    private static async Task<string> Spike(params string[] arguments)
    {
        (int code, string output, string error) = await Try(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {error}{output}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> Try(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = await SpikeCommandLine.RunAsync(arguments, () => TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
