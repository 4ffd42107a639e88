using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>Whole runs out of a configuration, of all three kinds.</summary>
[Collection(Lanes.Name)]
public sealed class RunTests : IDisposable
{
    private static readonly string[] s_timings = [MetricColumns.PerSecond(MetricColumns.Tokens), MetricColumns.Elapsed];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_leaves_a_model_metrics_and_the_settings_that_repeat_it()
    {
        RecordingRun seen = new();
        RunResult result = Train("a", seen);
        Assert.Equal((12, 12), (result.Training.Steps, seen.Steps.Count));
        Assert.Equal([4, 8, 12], seen.Validations.Select(v => v.Step));
        Assert.Equal(["tokenizer", "tokens"], seen.Stages);
        Assert.True(result.Validation["validation_loss"] < seen.Validations[0].Metrics["loss"], "the model does not learn");
        Assert.True(result.Validation["validation_bits_per_byte"] < result.Validation["validation_loss"]);

        Mamba2LanguageModel model = ModelFolder.Load<Mamba2LanguageModel>(result.ModelFolder!);
        Assert.Equal((16, 2), (model.Config.DModel, model.Config.LayerCount));
        Assert.Equal(Tokenizer.Load(Path.Combine(result.ModelFolder!, "tokenizer.json")).VocabSize, model.Config.VocabSize);

        var again = RunConfig.Read(RunKind.Train, Path.Combine(_folder.File("a"), RunConfig.FileName));
        TrainRun.Run(again, _folder.File("b"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default);
        Assert.Equal(Weights("a"), Weights("b"));
        Assert.Equal(Metrics("a"), Metrics("b"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(11)]
    public void A_run_that_was_stopped_and_resumed_is_one_that_never_stopped(long stop)
    {
        Train("whole", new RecordingRun(), "training.ema=0.9", "training.micro_batches=2");
        RecordingRun first = new() { StopAfter = stop };
        RunResult stopped = Train("parts", first, "training.ema=0.9", "training.micro_batches=2");
        Assert.Equal((true, null, stop), (stopped.Training.Interrupted, stopped.ModelFolder, stopped.Training.Steps));

        RecordingRun second = new();
        RunConfig config = RunConfig.Read(RunKind.Train, Path.Combine(_folder.File("parts"), RunConfig.FileName));
        TrainRun.Run(config, _folder.File("parts"), ExistingRun.Resume, RunFormats.BuiltIn, second, second.Token);
        Assert.Equal(stop, second.ResumedFrom!.Step);
        Assert.Equal(["tokens"], second.Stages);
        Assert.Empty(second.Notes);
        Assert.Equal(Weights("whole"), Weights("parts"));
        Assert.Equal(Metrics("whole"), Metrics("parts"));
    }

    [Fact]
    public void Settings_that_change_on_resuming_are_told()
    {
        Train("run", new RecordingRun());
        RecordingRun longer = new();
        RunConfig config = RunConfig.Read(RunKind.Train, Path.Combine(_folder.File("run"), RunConfig.FileName), RunFlag.Parse("training.steps=14"));
        Assert.Equal(14, TrainRun.Run(config, _folder.File("run"), ExistingRun.Resume, RunFormats.BuiltIn, longer, default).Training.Steps);
        Assert.Equal(["Changed since the run began: training.steps 12 -> 14."], longer.Notes);

        RunConfig shorter = RunConfig.Read(RunKind.Train, Path.Combine(_folder.File("run"), RunConfig.FileName), RunFlag.Parse("training.steps=5"));
        Assert.Contains("has done 14 steps, more than the 5", Assert.Throws<InvalidDataException>(
            () => TrainRun.Run(shorter, _folder.File("run"), ExistingRun.Resume, RunFormats.BuiltIn, new RecordingRun(), default)).Message, StringComparison.Ordinal);
        Assert.Equal(14, RunConfig.Read(RunKind.Train, Path.Combine(_folder.File("run"), RunConfig.FileName)).Training.Steps);
        Assert.Equal(14, MetricsLog.Read(Path.Combine(_folder.File("run"), MetricsFiles.JsonFile)).Lines.Count);
    }

    [Fact]
    public void A_folder_is_continued_or_replaced_only_when_that_is_said()
    {
        Train("run", new RecordingRun());
        IOException refused = Assert.Throws<IOException>(() => Train("run", new RecordingRun()));
        Assert.Contains("--resume", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--overwrite", refused.Message, StringComparison.Ordinal);

        RunConfig config = TinyConfigs.Train(_folder, "training.steps=2");
        Assert.Equal(2, TrainRun.Run(config, _folder.File("run"), ExistingRun.Overwrite, RunFormats.BuiltIn, new RecordingRun(), default).Training.Steps);
        File.WriteAllText(Path.Combine(_folder.File("run"), "thesis.txt"), "mine");
        Assert.Contains("thesis.txt", Assert.Throws<IOException>(
            () => TrainRun.Run(config, _folder.File("run"), ExistingRun.Overwrite, RunFormats.BuiltIn, new RecordingRun(), default)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => TrainRun.Run(config, _folder.File("none"), ExistingRun.Resume, RunFormats.BuiltIn, new RecordingRun(), default));
    }

    [Fact]
    public void Epochs_and_tokens_become_steps()
    {
        Train("epochs", new RecordingRun(), "training.steps=null", "training.epochs=0.25", "training.evaluate_every=null");
        Train("tokens", new RecordingRun(), "training.steps=null", "training.tokens=100", "training.evaluate_every=null");
        Assert.Equal(4, MetricsLog.Read(Path.Combine(_folder.File("tokens"), MetricsFiles.JsonFile)).Lines.Count);   // 100 over 2 x 16
        Assert.InRange(MetricsLog.Read(Path.Combine(_folder.File("epochs"), MetricsFiles.JsonFile)).Lines.Count, 10, 40);
    }

    [Theory]
    [InlineData("optimizer.name=lion", "optimizer.moments=bfloat16", "schedule.name=linear", "data.reset_state=true", "training.activation_checkpointing=true")]
    [InlineData("optimizer.moments=bfloat16", "schedule.name=constant", "schedule.warmup_steps=2")]
    [InlineData("""optimizer.groups=[{"pattern": "*.A_log", "learning_rate_factor": 0.1}, {"pattern": "*embeddings*", "frozen": true}]""")]
    public void Other_optimisers_and_switches_are_resumed_as_well(params string[] set)
    {
        RunResult whole = Train("whole", new RecordingRun(), set);
        Assert.True(whole.Validation["validation_loss"] < 5.5, "the model does not learn");
        Train("parts", new RecordingRun { StopAfter = 5 }, set);
        TrainRun.Run(TinyConfigs.Train(_folder, set), _folder.File("parts"), ExistingRun.Resume, RunFormats.BuiltIn, new RecordingRun(), default);
        Assert.Equal(Weights("whole"), Weights("parts"));
        Assert.Equal(Metrics("whole"), Metrics("parts"));
    }

    [Fact]
    public void A_group_that_matches_nothing_is_refused() => Assert.Contains(
        "'optimizer.groups': No parameter matches the pattern '*.B_log'",
        Assert.Throws<InvalidDataException>(() => Train("run", new RecordingRun(), """optimizer.groups=[{"pattern": "*.B_log"}]""")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_student_is_distilled_and_its_spikes_are_in_the_metrics()
    {
        string teacher = Train("teacher", new RecordingRun()).ModelFolder!;
        RecordingRun seen = new() { StopAfter = 6 };
        RunConfig config = TinyConfigs.Distill(_folder, teacher, "distillation.levels=2");
        DistillRun.Run(config, _folder.File("student"), ExistingRun.Refuse, RunFormats.BuiltIn, seen, seen.Token);
        RunResult result = DistillRun.Run(config, _folder.File("student"), ExistingRun.Resume, RunFormats.BuiltIn, new RecordingRun(), default);
        Assert.Equal(2, ModelFolder.Load<Mamba2LanguageModel>(result.ModelFolder!).Config.Spiking!.Levels);
        Assert.InRange(result.Validation["validation_spike_rate"], 0.01, 0.99);
        Assert.All(MetricsLog.Read(Path.Combine(_folder.File("student"), MetricsFiles.JsonFile)).Lines, line => Assert.InRange(line["spike_rate"], 0.01, 0.99));
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void A_model_is_aligned(string method)
    {
        string model = Train("model", new RecordingRun()).ModelFolder!;
        RunConfig config = TinyConfigs.Align(_folder, model, $"alignment.method={method}");
        RecordingRun seen = new();
        RunResult result = AlignRun.Run(config, _folder.File("aligned"), ExistingRun.Refuse, seen, default);
        Assert.Equal(["preferences", "held-out preferences"], seen.Stages);
        Assert.True(result.Validation["validation_loss"] < seen.Validations[0].Metrics["loss"]);
        ModelFolder.Load<Mamba2LanguageModel>(result.ModelFolder!);
    }

    [Fact]
    public void What_cannot_be_trained_is_refused_before_the_first_step()
    {
        RunConfig few = TinyConfigs.Train(_folder, "data.sequence_length=100000");
        Assert.Contains("fewer than 'data.sequence_length'", Assert.Throws<InvalidDataException>(
            () => TrainRun.Run(few, _folder.File("few"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default)).Message, StringComparison.Ordinal);
        RunConfig warm = TinyConfigs.Train(_folder, "training.steps=null", "training.tokens=64", "schedule.warmup_steps=2");
        Assert.Contains("schedule.warmup_steps", Assert.Throws<InvalidDataException>(
            () => TrainRun.Run(warm, _folder.File("warm"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default)).Message, StringComparison.Ordinal);
    }

    private RunResult Train(string name, RecordingRun observer, params string[] set) =>
        TrainRun.Run(TinyConfigs.Train(_folder, set), _folder.File(name), ExistingRun.Refuse, RunFormats.BuiltIn, observer, observer.Token);

    private byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(_folder.File(run), RunFolder.Model, ModelFolder.WeightsFile));

    /// <summary>All lines, without what depends on the machine.</summary>
    private IEnumerable<string> Metrics(string run)
    {
        string[] rows = File.ReadAllLines(Path.Combine(_folder.File(run), MetricsFiles.CsvFile));
        int[] kept = [.. rows[0].Split(',').Select((name, i) => (name, i)).Where(c => !s_timings.Contains(c.name)).Select(c => c.i)];
        IReadOnlyList<MetricsLine> lines = MetricsLog.Read(Path.Combine(_folder.File(run), MetricsFiles.JsonFile)).Lines;
        return [.. rows.Select(row => string.Join(',', kept.Select(i => row.Split(',')[i]))),
            .. lines.Select(line => string.Join(' ', line.Values.Where(v => !s_timings.Contains(v.Key))))];
    }
}
