using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Tests.Training.Quickstart;

[Collection(Lanes.Name)]
public sealed class QuickstartRunTests : IDisposable
{
    // What depends on the clock, the machine or the folder, and not on the seed.
    private static readonly string[] s_changing =
        ["elapsed_s", "decode_tok_s", "decode", "seconds", "tok_s", "machine", "output_folder", "text_files", "source"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_learns_and_writes_models_that_load_again()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder);
        RecordingObserver observer = new();
        QuickstartReport report = QuickstartRun.Run(options, observer, default);

        Assert.Equal(Enum.GetValues<QuickstartStage>(), observer.Stages);
        Assert.Equal(options.TeacherSteps + options.StudentSteps, observer.Steps);
        Assert.Empty(report.Notes);
        Assert.True(report.Teacher.ValPpl < 0.5 * report.UnigramPpl, $"teacher {report.Teacher.ValPpl}, unigram {report.UnigramPpl}");
        Assert.True(report.Ratios.Ppl < 2, $"student / teacher {report.Ratios.Ppl}");
        Assert.InRange(report.Student.Density, 0.05, 0.95);
        Assert.True(report.Energy.ProjectionsX > report.Energy.BlockX && report.Energy.BlockX > report.Energy.ModelX);
        Assert.Equal(["report.json", "student", "teacher"], Entries(options.OutputFolder));
        foreach (string name in (string[])["teacher", "student"])
        {
            string folder = Path.Combine(options.OutputFolder, name);
            Mamba2LanguageModel model = ModelFolder.Load<Mamba2LanguageModel>(folder);
            Assert.Equal(name == "student", model.Config.Spiking is not null);
            Assert.Equal(name == "student" ? report.Sample.Student : report.Sample.Teacher, Continue(model, folder, report));
        }
    }

    [Fact]
    public void The_report_has_every_key_and_only_finite_numbers()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder);
        QuickstartRun.Run(options, new RecordingObserver(), default);
        JsonNode report = Report(options);
        string[] model = ["val_ppl", "bits_per_byte", "cloze_acc", "cloze_se", "decode_tok_s"];
        string[] spikes = ["density", "mean_abs_spike", "negative_share"];
        RequireNumbers(report, "elapsed_s", "unigram_ppl");
        RequireNumbers(report["teacher"]!, model);
        RequireNumbers(report["student"]!, [.. model, .. spikes]);
        RequireNumbers(report["energy"]!, "projections_x", "block_x", "model_x", "mac_pj", "ac_pj");
        RequireNumbers(report["energy"]!["block"]!, "dense_macs", "spiking_macs", "unrolled_acs", "level_acs", "dense_pj", "spiking_pj");
        RequireNumbers(report["ratios"]!, "ppl", "cloze_gap_points", "decode");
        RequireNumbers(report["settings"]!, "seed", "teacher_steps", "student_steps");
        RequireNumbers(report["machine"]!, "logical_cores", "lanes", "threads");
        RequireNumbers(report["corpus"]!, "train_lines", "validation_lines", "bytes_per_token", "validation_share");
        foreach (string training in (string[])["teacher_training", "student_training"])
        {
            RequireNumbers(report[training]!, "planned_steps", "final_loss");
            RequireNumbers(report[training]!["options"]!, "steps", "learning_rate", "warmup_share", "final_rate_share", "clip_norm", "seed");
            RequireNumbers(report[training]!["optimizer"]!, "beta1", "beta2", "eps", "weight_decay");
        }

        JsonArray layers = report["student"]!["layers"]!.AsArray();
        Assert.Equal(2 * options.LayerCount, layers.Count);
        foreach (JsonNode? layer in layers)
            RequireNumbers(layer!, ["layer", .. spikes]);
        Assert.Equal("in_proj", (string?)layers[0]!["site"]);
        Assert.InRange((double)report["teacher"]!["cloze_acc"]!, 0, 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_and_bits_with_one_thread_and_with_two()
    {
        QuickstartOptions one = TinyQuickstart.Options(_folder, "one") with { TeacherSteps = 12, StudentSteps = 8 };
        QuickstartOptions two = one with { OutputFolder = _folder.File("two") };
        Lanes.WithThreads(1, () => QuickstartRun.Run(one, new RecordingObserver(), default));
        Lanes.WithThreads(2, () => QuickstartRun.Run(two, new RecordingObserver(), default));

        Assert.Equal(Weights(one), Weights(two));
        Assert.Equal(WithoutTimes(Report(one)).ToJsonString(), WithoutTimes(Report(two)).ToJsonString());
    }

    [Theory]
    [InlineData(QuickstartStage.Corpus)]
    [InlineData(QuickstartStage.Tokenizer)]
    [InlineData(QuickstartStage.Encode)]
    [InlineData(QuickstartStage.Teacher)]
    [InlineData(QuickstartStage.TeacherEvaluation)]
    [InlineData(QuickstartStage.Student)]
    [InlineData(QuickstartStage.StudentEvaluation)]
    [InlineData(QuickstartStage.DecodeSpeed)]
    [InlineData(QuickstartStage.Samples)]
    [InlineData(QuickstartStage.Saving)]
    public void Stopped_in_any_stage_it_leaves_nothing(QuickstartStage stage)
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { TeacherSteps = 2, StudentSteps = 2 };
        RecordingObserver observer = new() { StopAt = stage };
        Assert.ThrowsAny<OperationCanceledException>(() => QuickstartRun.Run(options, observer, observer.Stop.Token));
        Assert.Equal(stage, observer.Stages[^1]);
        Assert.Equal(["text.txt"], Entries(_folder.Path));
    }

    [Fact]
    public void A_plan_too_long_for_its_time_is_cut_and_says_so()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { Minutes = 0.01, TeacherSteps = 100_000, StudentSteps = 100_000 };
        QuickstartReport report = QuickstartRun.Run(options, new RecordingObserver(), default);
        Assert.InRange(report.TeacherTraining.DoneSteps, 1, 99_999);
        Assert.InRange(report.StudentTraining.DoneSteps, 1, 99_999);
        Assert.Equal(100_000, report.TeacherTraining.PlannedSteps);
        Assert.Equal(2, report.Notes.Count);
        Assert.All(report.Notes, note => Assert.Contains("100,000 planned steps", note, StringComparison.Ordinal));
    }

    [Fact]
    public void An_earlier_run_is_replaced_and_anything_else_refused()
    {
        _folder.Write("out/report.json", "{}");
        _folder.Write("out/student/config.json", "old");
        _folder.Write("out/teacher/tokenizer.json", "old");
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { TeacherSteps = 1, StudentSteps = 1 };
        QuickstartRun.Run(options, new RecordingObserver(), default);
        Assert.NotEqual("old", File.ReadAllText(_folder.File("out/student/config.json")));
        string notes = _folder.Write("out/student/notes.txt", "keep me");
        Assert.Contains($"'{Path.Combine("student", "notes.txt")}'", Refused("out"), StringComparison.Ordinal);
        Assert.True(File.Exists(notes));

        string mine = _folder.Write("mine/notes.txt", "keep me");
        Assert.Contains("no report.json", Refused("mine"), StringComparison.Ordinal);
        _folder.Write("mine/report.json", "{}");
        Assert.Contains("'notes.txt'", Refused("mine"), StringComparison.Ordinal);
        Assert.Contains("a file is in its place", Refused("text.txt"), StringComparison.Ordinal);
        Assert.True(File.Exists(mine));

        string Refused(string name) => Assert.Throws<IOException>(
            () => QuickstartRun.Run(options with { OutputFolder = _folder.File(name) }, new RecordingObserver(), default)).Message;
    }

    [Fact]
    public void A_text_without_sentences_is_refused_before_the_training()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { TextFiles = [_folder.Write("short.txt", "one two\nthree four\nfive")] };
        RecordingObserver observer = new();
        var error = Assert.Throws<InvalidDataException>(() => QuickstartRun.Run(options, observer, default));
        Assert.Contains("too short", error.Message, StringComparison.Ordinal);
        Assert.Equal([QuickstartStage.Corpus], observer.Stages);
    }

    [Fact]
    public void Too_few_cloze_items_are_noted()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { TeacherSteps = 1, StudentSteps = 1, ClozeItems = 500 };
        RecordingObserver observer = new();
        QuickstartReport report = QuickstartRun.Run(options, observer, default);
        Assert.InRange(report.Teacher.ClozeItems, 2, 499);
        Assert.Equal(report.Notes, observer.Notes);
        Assert.Contains($"only {report.Teacher.ClozeItems} of 500 cloze items", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_not_finite_stops_the_run_where_it_is_measured()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder) with { TeacherSteps = 2, TeacherLearningRate = 1e30f };
        RecordingObserver observer = new();
        var error = Assert.Throws<InvalidDataException>(() => QuickstartRun.Run(options, observer, default));
        Assert.Contains("teacher's perplexity", error.Message, StringComparison.Ordinal);
        Assert.Equal(QuickstartStage.TeacherEvaluation, observer.Stages[^1]);
        Assert.Equal(["text.txt"], Entries(_folder.Path));
    }

    [Fact]
    public void A_training_without_a_loss_has_none_in_the_report()
    {
        TrainingPlan plan = TinyQuickstart.Options(_folder).TeacherTraining();
        TrainingSummary summary = TrainingSummary.Of(plan, new TrainingResult(1, 256, double.NaN, TimeSpan.FromSeconds(1), 1));
        Assert.Null(summary.FinalLoss);
    }

    [Fact]
    public void Bits_per_byte_of_a_perplexity_are_those_of_its_measurement()
    {
        QuickstartReport report = QuickstartRun.Run(
            TinyQuickstart.Options(_folder) with { TeacherSteps = 1, StudentSteps = 1 }, new RecordingObserver(), default);
        double scale = report.Teacher.BitsPerByte / Math.Log(report.Teacher.ValPpl);
        Assert.Equal(scale * Math.Log(report.UnigramPpl), report.UnigramBitsPerByte, 1e-9);
    }

    [Fact]
    public void Options_are_checked_by_name()
    {
        QuickstartOptions options = TinyQuickstart.Options(_folder);
        Assert.Contains("Minutes is 0", Message(options with { Minutes = 0 }), StringComparison.Ordinal);
        Assert.Contains("VocabSize is 10", Message(options with { VocabSize = 10 }), StringComparison.Ordinal);
        Assert.Contains("HeadDim 5", Message(options with { HeadDim = 5 }), StringComparison.Ordinal);
        Assert.Contains("Steps is 0", Message(options with { TeacherSteps = 0 }), StringComparison.Ordinal);
        new QuickstartOptions().Validate();

        static string Message(QuickstartOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    private static string Continue(Mamba2LanguageModel model, string folder, QuickstartReport report)
    {
        var tokenizer = Tokenizer.Load(Path.Combine(folder, ModelFolder.TokenizerFile));
        GenerationOptions options = new()
        {
            MaxTokens = report.Settings.SampleTokens,
            Sampling = report.Settings.Sampling with { Seed = report.Settings.Seed },
        };
        return string.Concat(new TextGenerator(new Mamba2Decoder(model), tokenizer).StreamAsync(report.Sample.Prompt, options).ToBlockingEnumerable());
    }

    private static void RequireNumbers(JsonNode node, params string[] names)
    {
        foreach (string name in names)
        {
            Assert.True(node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number, $"{name} is missing or no number");
            Assert.True(double.IsFinite((double)node[name]!), name);
        }
    }

    private static JsonNode WithoutTimes(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach (string name in s_changing)
                fields.Remove(name);
            foreach ((_, JsonNode? value) in fields)
                _ = value is null ? null : WithoutTimes(value);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                _ = item is null ? null : WithoutTimes(item);
        }

        return node;
    }

    private static JsonNode Report(QuickstartOptions options) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(options.OutputFolder, "report.json")))!;

    private static byte[] Weights(QuickstartOptions options) =>
        File.ReadAllBytes(Path.Combine(options.OutputFolder, "student", ModelFolder.WeightsFile));

    private static string[] Entries(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal)];
}
