using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>A configuration says what a run does, and every mistake in it is refused with its place.</summary>
public sealed class RunConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<RunKind, string> Presets
    {
        get
        {
            TheoryData<RunKind, string> presets = [];
            foreach (RunKind kind in Enum.GetValues<RunKind>())
            {
                foreach (string name in RunPresets.Names)
                    presets.Add(kind, name);
            }

            return presets;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_needs_its_inputs_only_and_is_the_same_when_read_again(RunKind kind, string preset)
    {
        RunConfig config = RunConfig.Read(kind, null, [.. Inputs(kind), RunFlag.Of("--preset", "preset", preset)]);
        string path = _folder.File("run.json");
        config.Save(path);
        Assert.Equal(preset, config.Preset);
        Assert.Equal(config.ToJson(), RunConfig.Read(kind, path).ToJson());
    }

    [Fact]
    public void What_is_written_is_read_again_whatever_was_set()
    {
        string path = _folder.Write("run.json", """
            {
                "kind": "train", "preset": "small", "seed": 18446744073709551615, "seeds": { "data": 3 }, "threads": 2,
                "model": { "hidden_size": 96, "num_hidden_layers": 3, "head_dim": 48, "tie_word_embeddings": false },
                "tokenizer": { "path": "some/tokenizer.json" },
                "data": { "train": ["a.txt", "b"], "validation": "c.txt", "sequence_length": 64, "reset_state": true, "cache": "d" },
                "optimizer": {
                    "name": "lion", "betas": [0.8, 0.97], "moments": "bfloat16",
                    "groups": [{ "pattern": "*.A_log", "learning_rate_factor": 0.1, "weight_decay": 0 }, { "pattern": "embeddings.*", "frozen": true }]
                },
                "schedule": { "name": "linear", "warmup_steps": 7, "final_share": 0.1 },
                "training": { "tokens": 123456789012, "ema": 0.999, "evaluate_every": null }
            }
            """);
        RunConfig config = RunConfig.Read(RunKind.Train, path);
        Assert.Equal((96, 3, 48, false), (config.Model.DModel, config.Model.LayerCount, config.Model.HeadDim, config.Model.TieEmbeddings));
        Assert.Equal((null, "some/tokenizer.json"), (config.Tokenizer.VocabSize, config.Tokenizer.Path));
        Assert.Equal((null, 123_456_789_012), (config.Training.Steps, config.Training.Tokens));
        Assert.Equal(["c.txt"], config.Data.Validation);
        Assert.Equal(0.1, config.Optimizer.Groups[0].LearningRateFactor);
        Assert.Null(config.Data.ValidationShare);
        Assert.Null(config.Training.EvaluateEvery);

        string again = _folder.File("again.json");
        config.Save(again);
        Assert.Equal(config.ToJson(), RunConfig.Read(RunKind.Train, again).ToJson());
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        RunConfig config = Read("""
            {
                // how long
                "training": { "steps": 5, /* short */ },
            }
            """);
        Assert.Equal(5, config.Training.Steps);
    }

    [Fact]
    public void The_file_overrides_the_preset_and_flags_override_the_file()
    {
        string path = _folder.Write("run.json", """{ "preset": "small", "training": { "epochs": 2 }, "data": { "train": "x" }, "seed": 4 }""");
        RunConfig config = RunConfig.Read(
            RunKind.Train, path, RunFlag.Of("--steps 9", "training.steps", "9"), RunFlag.Parse("schedule.name=constant"), RunFlag.Parse("model.hidden_size=128"));
        Assert.Equal((9, null), (config.Training.Steps, config.Training.Epochs));
        Assert.Equal(("constant", 128, 6, 4UL), (config.Schedule.Name, config.Model.DModel, config.Model.LayerCount, config.Seed));
    }

    [Fact]
    public void Lion_has_defaults_of_its_own()
    {
        RunConfig config = Read("""{ "optimizer": { "name": "lion", "weight_decay": 0.3 } }""");
        Assert.Equal((3e-3 / 5, 0.3, 0.99), (config.Optimizer.LearningRate, config.Optimizer.WeightDecay, config.Optimizer.Betas.Second));
    }

    [Theory]
    [InlineData("{\n  \"training\": {\n    \"stpes\": 5\n  }\n}", "3:5: unknown key 'stpes' in 'training'; did you mean 'steps'")]
    [InlineData("{ \"optimizer\": { \"learning_rat\": 1 } }", "1:18: unknown key 'learning_rat' in 'optimizer'; did you mean 'learning_rate'?")]
    [InlineData("{ \"trainin\": { } }", "1:3: unknown key 'trainin'; did you mean 'training'?")]
    [InlineData("{ \"training\": { \"learning_rate\": 1 } }", "1:17: unknown key 'learning_rate' in 'training'; 'learning_rate' belongs into 'optimizer'")]
    [InlineData("{ \"model\": { \"seed\": 1 } }", "1:14: unknown key 'seed' in 'model'; 'seed' belongs outside of all sections")]
    [InlineData("{ \"optimizer\": { \"groups\": [{ \"patern\": \"*\" }] } }", "1:31: unknown key 'patern' in 'optimizer.groups[0]'; did you mean 'pattern'?")]
    [InlineData("{ \"seed\": 1,\n  \"seed\": 2 }", "2:3: 'seed' is there twice; the first is at ")]
    [InlineData("{ \"training\": { \"steps\": \"many\" } }", "1:26: 'training.steps' is \"many\"; it must be a whole number from 1 on, or null")]
    [InlineData("{ \"training\": { \"steps\": 1.5 } }", "'training.steps' is 1.5; it must be a whole number")]
    [InlineData("{ \"data\": { \"batch_size\": 99999999999 } }", "'data.batch_size' is 99999999999; it must be a whole number from 1 to 2147483647")]
    [InlineData("{ \"training\": 5 }", "1:15: 'training' is 5; it must be an object")]
    [InlineData("{ \"optimizer\": { \"betas\": [0.9] } }", "'optimizer.betas' is an array; it must be two numbers [a, b]")]
    [InlineData("{ \"optimizer\": { \"betas\": [0.9, 1] } }", "1:33: 'optimizer.betas' is 1; it must be two numbers [a, b], each a number from 0 to below 1")]
    [InlineData("{ \"optimizer\": { \"learning_rate\": -1 } }", "'optimizer.learning_rate' is -1; it must be a number above 0")]
    [InlineData("{ \"optimizer\": { \"learning_rate\": 1e999 } }", "'optimizer.learning_rate' is 1e999; it must be a number above 0")]
    [InlineData("{ \"optimizer\": { \"name\": \"sgd\" } }", "'optimizer.name' is \"sgd\"; it must be \"adamw\" or \"lion\"")]
    [InlineData("{ \"data\": { \"reset_state\": \"yes\" } }", "'data.reset_state' is \"yes\"; it must be true or false")]
    [InlineData("{ \"data\": { \"train\": [1] } }", "'data.train' is 1; it must be a text or an array of texts")]
    [InlineData("{ \"preset\": \"huge\" }", "'preset' is \"huge\"; it must be \"tiny\" or \"small\" or \"130m\"")]
    [InlineData("{ \"kind\": \"distill\" }", "1:11: 'kind' is \"distill\", but this is `spike train`; use `spike distill`")]
    [InlineData("{ \"kind\": \"train\", \"distillation\": {} }", "1:20: 'distillation' contradicts 'kind' \"train\" (")]
    [InlineData("{ \"alignment\": {} }", "1:3: 'alignment' contradicts `spike train`; it is for `spike align`")]
    [InlineData("{ \"training\": { \"steps\": 5,\n \"epochs\": 1 } }", "2:2: 'training.epochs' contradicts 'training.steps' (")]
    [InlineData("{ \"schedule\": { \"warmup_steps\": 10 }, \"training\": { \"steps\": 10 } }", "1:33: 'schedule.warmup_steps' 10 contradicts 'training.steps' 10 (")]
    [InlineData("{ \"schedule\": { \"warmup_steps\": 1000 } }", "1:33: 'schedule.warmup_steps' 1000 contradicts 'training.steps' 500 (preset tiny)")]
    [InlineData("{ \"schedule\": { \"warmup_steps\": 1, \"warmup_share\": 0.5 } }", "'schedule.warmup_share' contradicts 'schedule.warmup_steps'")]
    [InlineData("{ \"model\": { \"headdim\": 48, \"d_model\": 100 } }", "'model.headdim' 48 contradicts 'model.d_model' 100 (")]
    [InlineData("{ \"model\": { \"d_model\": 100, \"hidden_size\": 100 } }", "'model.hidden_size' is another name of 'model.d_model' (")]
    [InlineData("{ \"model\": { \"from\": \"x\", \"d_model\": 100 } }", "'model.d_model' contradicts 'model.from' (")]
    [InlineData("{ \"model\": { \"n_head\": 4 } }", "1:14: 'model.n_head' means nothing to the architecture \"mamba2\"")]
    [InlineData("{ \"model\": { \"architecture\": \"opt\",\n \"d_state\": \"banana\" } }", "2:2: 'model.d_state' means nothing to the architecture \"opt\"")]
    [InlineData("{ \"model\": { \"from\": \"x\", \"n_head\": 4 } }", "'model.n_head' contradicts 'model.from' (")]
    [InlineData("{ \"model\": { \"from\": \"x\" }, \"tokenizer\": { \"vocab_size\": 300 } }", "'tokenizer.vocab_size' 300 contradicts 'model.from' x (")]
    [InlineData("{ \"model\": { \"vocab_size\": 300 } }", "'model.vocab_size' 300 contradicts 'tokenizer.vocab_size' 2048 (preset tiny)")]
    [InlineData("{ \"training\": { \"steps\": 5 }", "1:29: not valid JSON")]
    [InlineData("{ \"training\": { \"steps\": 5 } } x", "1:32: not valid JSON")]
    [InlineData("{ \"ä\": 1, \"steps\" }", "1:19: not valid JSON")]
    [InlineData("[]", "1:1: the configuration is an array; it must be an object")]
    public void A_mistake_is_named_with_its_place(string json, string message)
    {
        string path = _folder.Write("run.json", json);
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => RunConfig.Read(RunKind.Train, path));
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_Utf8_is_refused_with_its_place()
    {
        string path = _folder.Write("run.json", [(byte)'{', (byte)'\n', (byte)' ', 0xFF, (byte)'}']);
        Assert.Contains("run.json:2:2: the text is not valid UTF-8", Assert.Throws<InvalidDataException>(() => RunConfig.Read(RunKind.Train, path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("training.stpes=5", "--set training.stpes=5: unknown key 'stpes' in 'training'; did you mean 'steps'")]
    [InlineData("training.steps=x", "--set training.steps=x: 'training.steps' is \"x\"")]
    [InlineData("seed.x=1", "--set seed.x=1: unknown key 'x' in 'seed'")]
    public void A_mistake_in_a_flag_names_the_flag(string flag, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => RunConfig.Read(RunKind.Train, null, RunFlag.OfTexts("--data", "data.train", "x"), RunFlag.Parse(flag)));
        Assert.Contains(message.Replace("unknown key 'x' in 'seed'", "'seed' is an object", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("steps")]
    [InlineData("=5")]
    [InlineData("training.=5")]
    public void A_flag_that_sets_nothing_is_refused(string flag) => Assert.Throws<ArgumentException>(() => RunFlag.Parse(flag));

    [Fact]
    public void A_path_needs_no_quotes_in_a_flag_and_may_look_like_a_number()
    {
        RunConfig config = RunConfig.Read(
            RunKind.Distill, null, RunFlag.OfTexts("--data", "data.train", "1984"), RunFlag.Parse("distillation.teacher=/models/a b"), RunFlag.Parse("optimizer.betas=[0.5, 0.6]"));
        Assert.Equal(["1984"], config.Data.Train);
        Assert.Equal(("/models/a b", 0.5), (config.Distillation.Teacher, config.Optimizer.Betas.First));
    }

    [Theory]
    [InlineData(RunKind.Train, "'data.train' is missing")]
    [InlineData(RunKind.Distill, "'distillation.teacher' is missing")]
    [InlineData(RunKind.Align, "'model.from' is missing")]
    public void What_a_run_cannot_be_without_is_asked_for(RunKind kind, string message)
    {
        RunFlag[] flags = kind == RunKind.Train ? [] : [RunFlag.OfTexts("--data", "data.train", "x")];
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => RunConfig.Read(kind, null, flags)).Message, StringComparison.Ordinal);
    }

    private RunConfig Read(string json) =>
        RunConfig.Read(RunKind.Train, _folder.Write("run.json", json), RunFlag.OfTexts("--data", "data.train", "x"));

    private static RunFlag[] Inputs(RunKind kind) => kind switch
    {
        RunKind.Train => [RunFlag.OfTexts("--data", "data.train", "x")],
        RunKind.Distill => [RunFlag.OfTexts("--data", "data.train", "x"), RunFlag.OfTexts("--teacher", "distillation.teacher", "t")],
        _ => [RunFlag.OfTexts("--data", "data.train", "x"), RunFlag.OfTexts("--model", "model.from", "m")],
    };
}
