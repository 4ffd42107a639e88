using System.Text;
using System.Text.Json;
using SpikeEngine.Cli;
using SpikeEngine.Tests.Training.Runs;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike train</c>, <c>distill</c> and <c>align</c> from end to end.</summary>
[Collection(Lanes.Name)]
public sealed class RunCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Examples => [.. Directory.EnumerateFiles(ExampleFolder, "*.json").Select(path => Path.GetFileName(path)!)];

    private static string ExampleFolder => Path.Combine(AppContext.BaseDirectory, "Examples");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_failed_before_its_first_step_leaves_the_folder_free()
    {
        string run = _folder.File("run");
        Assert.Equal(1, (await Spike(["train", "--data", _folder.File("nowhere.txt"), "--out", run, .. Set(TinyConfigs.TrainSettings(_folder))])).Code);
        (int code, _, string error) = await Spike(["train", "--data", TinyConfigs.Text(_folder), "--out", run, .. Set(TinyConfigs.TrainSettings(_folder))]);
        Assert.Equal((0, ""), (code, error));
    }

    [Fact]
    public async Task Train_distil_align_and_the_models_can_be_used()
    {
        string text = TinyConfigs.Text(_folder), run = _folder.File("run"), student = _folder.File("student"), aligned = _folder.File("aligned");
        (int code, string output, string error) = await Spike(["train", "--data", text, "--out", run, .. Set(TinyConfigs.TrainSettings(_folder))]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("validation perplexity", output, StringComparison.Ordinal);
        Assert.Contains("step 12/12", output, StringComparison.Ordinal);
        Assert.DoesNotContain("step 3/12", output, StringComparison.Ordinal);   // not every step

        (code, output, error) = await Spike(["distill", "--teacher", Path.Combine(run, "model"), "--data", text, "--out", student, .. Set(TinyConfigs.StepSettings(_folder))]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("% spikes", output, StringComparison.Ordinal);

        (code, _, error) = await Spike(
            ["align", "--method", "dpo", "--model", Path.Combine(student, "model"), "--data", TinyConfigs.Preferences(_folder), "--out", aligned,
            .. Set([.. TinyConfigs.StepSettings(_folder), "data.sequence_length=64"])]);
        Assert.Equal((0, ""), (code, error));

        foreach (string model in (string[])[run, student, aligned])
        {
            Assert.Equal(0, (await Spike("generate", "--model", Path.Combine(model, "model"), "--prompt", "The", "--tokens", "3")).Code);
            Assert.Equal(0, (await Spike("info", "--model", Path.Combine(model, "model"))).Code);
            Assert.Equal(0, (await Spike("verify", "--model", Path.Combine(model, "model"))).Code);
            Assert.Equal(0, (await Spike("report", model)).Code);
        }
    }

    [Fact]
    public async Task A_stopped_run_says_how_to_continue_and_does()
    {
        string run = _folder.File("run");
        string[] args = ["train", "--data", TinyConfigs.Text(_folder), "--out", run, "--steps", "2000", .. Set(TinyConfigs.TrainSettings(_folder).Where(s => !s.StartsWith("training.steps", StringComparison.Ordinal)))];
        using CancellationTokenSource stop = new();
        Task<(int Code, string Output, string Error)> running = Spike(stop.Token, args);
        while (!File.Exists(Path.Combine(run, MetricsFiles.CsvFile)) || new FileInfo(Path.Combine(run, MetricsFiles.CsvFile)).Length < 500)
            await Task.Delay(20);
        await stop.CancelAsync();
        (int code, string output, _) = await running;
        Assert.Equal(SpikeCommandLine.Interrupted, code);
        Assert.Contains($"spike train --resume --out {run}", output, StringComparison.Ordinal);

        int done = MetricsLog.Read(Path.Combine(run, MetricsFiles.JsonFile)).Lines.Count;
        (code, output, string error) = await Spike("train", "--resume", "--out", run, "--steps", (done + 3).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"continues after step {done:N0}", output, StringComparison.Ordinal);
        Assert.Contains("note: Changed since the run began: training.steps 2000", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_json_lines()
    {
        (int code, string output, _) = await Spike(["train", "--json", "--data", TinyConfigs.Text(_folder), "--out", _folder.File("run"), .. Set(TinyConfigs.TrainSettings(_folder))]);
        Assert.Equal(0, code);
        JsonElement[] events = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(12, events.Count(e => e.GetProperty("event").GetString() == "step"));
        Assert.Equal("finished", events[^1].GetProperty("event").GetString());
        Assert.True(Directory.Exists(events[^1].GetProperty("model").GetString()));
    }

    [Theory]
    [InlineData(SpikeCommandLine.WrongUsage, "--out is missing", "train", "--data", "x")]
    [InlineData(SpikeCommandLine.WrongUsage, "--resume and --overwrite", "train", "--data", "x", "--out", "y", "--resume", "--overwrite")]
    [InlineData(SpikeCommandLine.WrongUsage, "'steps' is not of the form KEY=VALUE", "train", "--data", "x", "--out", "y", "--set", "steps")]
    [InlineData(SpikeCommandLine.WrongUsage, "--steps is '0'", "train", "--data", "x", "--out", "y", "--steps", "0")]
    [InlineData(SpikeCommandLine.WrongUsage, "huge", "train", "--data", "x", "--out", "y", "--preset", "huge")]
    [InlineData(SpikeCommandLine.WrongUsage, "ppo", "align", "--data", "x", "--model", "m", "--out", "y", "--method", "ppo")]
    [InlineData(SpikeCommandLine.Failure, "'data.train' is missing", "train", "--out", "y")]
    [InlineData(SpikeCommandLine.Failure, "no run to continue", "train", "--out", "/nowhere/run", "--resume")]
    [InlineData(SpikeCommandLine.Failure, "Configuration 'none.json' does not exist", "train", "--out", "y", "--config", "none.json")]
    [InlineData(SpikeCommandLine.Failure, "did you mean 'steps'", "train", "--data", "x", "--out", "y", "--set", "training.stepss=1")]
    public async Task Mistakes_are_told(int expected, string message, params string[] args)
    {
        (int code, _, string error) = await Spike(args);
        Assert.Equal(expected, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists("y"));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_is_a_configuration(string file)
    {
        string path = Path.Combine(ExampleFolder, file), verb = File.ReadAllText(path).Split("\"kind\": \"")[1].Split('"')[0];
        (int code, string output, string error) = await Spike(verb, "--config", path, "--print-config");
        Assert.Equal((0, ""), (code, error));
        string printed = _folder.Write("run.json", output);
        Assert.Equal(output, (await Spike(verb, "--config", printed, "--print-config")).Output);
    }

    [Fact]
    public async Task The_first_example_runs()
    {
        (int code, _, string error) = await Spike(
            "train", "--config", Path.Combine(ExampleFolder, "tiny.json"), "--out", _folder.File("run"), "--steps", "2", "--set", "data.most_validation_tokens=500",
            "--set", "tokenizer.most_characters=200000", "--set", "data.cache=" + _folder.File("cache"), "--set", "data.train=" + TinyConfigs.Text(_folder));
        Assert.Equal((0, ""), (code, error));
    }

    [Fact]
    public void The_guide_has_every_setting()
    {
        string guide = File.ReadAllText(Path.Combine(ExampleFolder, "TRAINING.md"));
        foreach (RunKind kind in Enum.GetValues<RunKind>())
        {
            using var settings = JsonDocument.Parse(RunPresets.Of(kind, RunPresets.Default).ToJson());
            foreach (JsonProperty section in settings.RootElement.EnumerateObject())
            {
                Assert.Contains($"`{section.Name}", guide, StringComparison.Ordinal);
                if (section.Value.ValueKind != JsonValueKind.Object)
                    continue;
                foreach (JsonProperty setting in section.Value.EnumerateObject())
                    Assert.Contains($"`{section.Name}.{setting.Name}`", guide, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<string> Set(IEnumerable<string> settings) => settings.SelectMany(s => new[] { "--set", s });

    private static Task<(int Code, string Output, string Error)> Spike(params string[] args) => Spike(default, args);

    private static async Task<(int Code, string Output, string Error)> Spike(CancellationToken cancellation, params string[] args)
    {
        int threads = RowParallel.Threads;
        using StringWriter output = new(new StringBuilder()), error = new();
        try
        {
            int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error, cancellation);
            return (code, output.ToString(), error.ToString());
        }
        finally
        {
            RowParallel.Threads = threads;
        }
    }
}
