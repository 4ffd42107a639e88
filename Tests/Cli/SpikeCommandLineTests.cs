using System.Text.Json.Nodes;
using SpikeEngine.Cli;
using SpikeEngine.Cli.Bench;
using SpikeEngine.Tests.Training.Quickstart;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Tests.Cli;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class SpikeCommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Alone_it_prints_help()
    {
        (int code, string output, _) = await Spike();
        Assert.Equal(0, code);
        Assert.Contains("quickstart", output, StringComparison.Ordinal);
        Assert.Contains("generate", output, StringComparison.Ordinal);
        Assert.Contains("info", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_measures_and_writes_what_it_prints()
    {
        int threads = RowParallel.Threads;
        string file = Path.Combine(_folder.Path, "peak.json");
        (int code, string output, string error) = await Spike("bench", "peak", "--threads", "1", "--json", file);
        RowParallel.Threads = threads;

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("GFLOP/s", output, StringComparison.Ordinal);
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        double peak = report["peak_gflops"]!.GetValue<double>();
        Assert.True(peak > 0 && report["read_gbs"]!.GetValue<double>() > 0);
        JsonNode[] rows = [.. report["rows"]!.AsArray().Select(row => row!)];
        Assert.Equal(["peak", "peak_int8", "read"], rows.Select(row => row["kernel"]!.GetValue<string>()));
        Assert.Equal(peak, rows[0]["gflops"]!.GetValue<double>());
        Assert.Equal(1, rows[0]["threads"]!.GetValue<int>());
        Assert.Null(rows[0]["density"]);
    }

    [Fact]
    public async Task Bench_of_spikes_takes_the_sizes_of_ones_own_layers()
    {
        int threads = RowParallel.Threads;
        string file = Path.Combine(_folder.Path, "spike.json");
        (int code, _, _) = await Spike("bench", "spike", "--threads", "1", "--shape", "4x16x8", "--shape", "1x16x8", "--json", file);
        RowParallel.Threads = threads;

        Assert.Equal(0, code);
        JsonNode[] rows = [.. JsonNode.Parse(await File.ReadAllTextAsync(file))!["rows"]!.AsArray().Select(row => row!)];
        Assert.Equal((10, 6), (rows.Count(row => row["m"]!.GetValue<int>() == 4), rows.Count(row => row["m"]!.GetValue<int>() == 1)));
    }

    [Fact]
    public async Task Bench_refuses_a_file_that_cannot_be_written_before_it_measures()
    {
        (int code, string output, string error) = await Spike("bench", "gemm", "--json", _folder.Path);
        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains("a folder is in the place of the file", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rounds_are_taken_in_turns_and_sorted()
    {
        List<int> order = [];
        Rounds[] rounds = Rounds.InTurns(TimeSpan.Zero, default, () => order.Add(0), () =>
        {
            order.Add(1);
            Thread.Sleep(1);
        });

        Assert.Equal([0, 1, 0, 1, 0, 1], order.TakeLast(6));
        Assert.Equal(3, rounds[0].Seconds.Length);
        Assert.True(rounds[1].Median >= 1e-3);
        Assert.Equal(rounds[1].Seconds.Order(), rounds[1].Seconds);
        BenchRow row = rounds[1].Row("dense", (1, 2, 3));
        Assert.Equal((1, 2, 3, 1e3 * rounds[1].Median), (row.M, row.K, row.N, row.Ms));
    }

    [Fact]
    public void Warm_code_runs_once_before_it_is_measured_and_says_itself_what_counts()
    {
        int calls = 0;
        Rounds rounds = Rounds.InTurns(TimeSpan.Zero, TimeSpan.Zero, default, () => (double)calls++)[0];
        Assert.Equal([1, 2, 3], rounds.Seconds);
    }

    [Theory]
    [InlineData("quickstart", "--minutes")]
    [InlineData("generate", "--top-k")]
    [InlineData("info", "--json")]
    [InlineData("bench", "scan")]
    [InlineData("bench", "conv")]
    public async Task Every_verb_has_help(string verb, string option)
    {
        (int code, string output, _) = await Spike(verb, "--help");
        Assert.Equal(0, code);
        Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--minutes", "quickstart", "--minutes", "0")]
    [InlineData("--minutes", "quickstart", "--minutes", "soon")]
    [InlineData("--threads", "quickstart", "--threads", "0")]
    [InlineData("--threads is 'abc'; it must be a whole number from 1 on.", "quickstart", "--threads", "abc")]
    [InlineData("--top-k is 'abc'; it must be a whole number from 0 on.", "generate", "--model", "m", "--prompt", "p", "--top-k", "abc")]
    [InlineData("--tokens is 'abc'; it must be a whole number from 0 on.", "generate", "--model", "m", "--prompt", "p", "--tokens", "abc")]
    [InlineData("--tokens is '99999999999'", "generate", "--model", "m", "--prompt", "p", "--tokens", "99999999999")]
    [InlineData("--tokens", "generate", "--model", "m", "--prompt", "p", "--tokens", "-1")]
    [InlineData("--tokens", "generate", "--model", "m", "--prompt", "p", "--tokens")]
    [InlineData("--seed", "generate", "--model", "m", "--prompt", "p", "--seed", "abc")]
    [InlineData("--temperature", "generate", "--model", "m", "--prompt", "p", "--temperature", "abc")]
    [InlineData("--temperature is '-1'; it must be a number from 0 on.", "generate", "--model", "m", "--prompt", "p", "--temperature", "-1")]
    [InlineData("--temperature is 'NaN'", "generate", "--model", "m", "--prompt", "p", "--temperature", "NaN")]
    [InlineData("--top-p is '0'; it must be a number above 0, at most 1.", "generate", "--model", "m", "--prompt", "p", "--top-p", "0")]
    [InlineData("--min-p is '1.5'", "generate", "--model", "m", "--prompt", "p", "--min-p", "1.5")]
    [InlineData("--repetition-penalty is '0'", "generate", "--model", "m", "--prompt", "p", "--repetition-penalty", "0")]
    [InlineData("--repetition-window is '-1'", "generate", "--model", "m", "--prompt", "p", "--repetition-window", "-1")]
    [InlineData("--logprobs is '-1'", "generate", "--model", "m", "--prompt", "p", "--json", "--logprobs", "-1")]
    [InlineData("--logprobs needs --json", "generate", "--model", "m", "--prompt", "p", "--logprobs", "1")]
    [InlineData("--stop is empty", "generate", "--model", "m", "--prompt", "p", "--stop", "a", "--stop", "")]
    [InlineData("--prompt", "generate", "--model", "somewhere")]
    [InlineData("Exactly one of --prompt and --prompt-file", "generate", "--model", "m", "--prompt", "p", "--prompt-file", "f")]
    [InlineData("--model", "info")]
    [InlineData("frobnicate", "frobnicate")]
    public async Task Wrong_usage_is_2_and_names_the_option(string name, params string[] args)
    {
        (int code, string output, string error) = await Spike(args);
        Assert.Equal(2, code);
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.Empty(output);
        string[] lines = error.TrimEnd().Split(Environment.NewLine);
        Assert.All(lines[..^1], line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
        Assert.Equal(args[0] == "frobnicate" ? "see `spike --help`" : $"see `spike {args[0]} --help`", lines[^1]);
    }

    [Theory]
    [InlineData("spike bench gemm", "bench", "gemm", "--threads", "0")]
    [InlineData("spike bench", "bench", "frobnicate")]
    [InlineData("spike bench spike", "bench", "spike", "--shape", "512x768")]
    public async Task The_help_of_a_nested_verb_is_named_whole(string command, params string[] args)
    {
        (int code, _, string error) = await Spike(args);
        Assert.Equal(2, code);
        Assert.Equal($"see `{command} --help`", error.TrimEnd().Split(Environment.NewLine)[^1]);
    }

    [Fact]
    public async Task Failures_are_1_and_one_line_that_names_the_thing()
    {
        string empty = Directory.CreateDirectory(_folder.File("empty")).FullName;
        _folder.Write("mine/notes.txt", "");
        await Fails("gone", "generate", "--model", _folder.File("gone"), "--prompt", "x");
        await Fails("config.json", "generate", "--model", empty, "--prompt", "x");
        await Fails("config.json", "info", "--model", empty);
        await Fails("gone.txt", "quickstart", "--text", _folder.File("gone.txt"), "--out", _folder.File("out"));
        await Fails("mine", "quickstart", "--out", _folder.File("mine"));
        await Fails("empty", "quickstart", "--json", empty, "--out", _folder.File("out"));
        string below = Path.Combine(_folder.Write("plain.txt", ""), "below");
        await Fails($"--json {below}", "quickstart", "--json", below, "--out", _folder.File("out"));
        await Fails("--json is empty", "quickstart", "--json", "", "--out", _folder.File("out"));
        await Fails($"Output folder '{below}' cannot be written", "quickstart", "--out", below);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public async Task A_stopped_quickstart_is_130_and_leaves_nothing()
    {
        QuickstartOptions tiny = TinyQuickstart.Options(_folder);
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        (int code, _, string error) = await Spike(
            stop.Token, "quickstart", "--text", tiny.TextFiles[0], "--out", tiny.OutputFolder);
        Assert.Equal(130, code);
        Assert.Contains("stopped", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tiny.OutputFolder));
    }

    [Fact]
    public async Task A_finished_run_is_printed_and_its_models_generate_and_show_themselves()
    {
        QuickstartOptions tiny = TinyQuickstart.Options(_folder);
        StringWriter output = new();
        string json = _folder.File("numbers/report.json");
        Assert.Equal(0, await QuickstartCommand.RunAsync(tiny, json, output, default));
        string text = output.ToString();
        foreach (string expected in (string[])["perplexity", "bits per byte", "layer 1 out_proj", "block", "MAC 4.6 pJ", "generate --model"])
            Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(tiny.OutputFolder, "report.json")), File.ReadAllText(json));

        string student = Path.Combine(tiny.OutputFolder, "student");
        (int code, string first, string speed) = await Spike("generate", "--model", student, "--prompt", "The stream", "--tokens", "8", "--temperature", "0");
        (_, string second, _) = await Spike("generate", "--model", student, "--prompt", "The stream", "--tokens", "8", "--temperature", "0");
        Assert.Equal(0, code);
        Assert.StartsWith("The stream", first, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.Contains("tokens/s", speed, StringComparison.Ordinal);
        Assert.Equal(0, (await Spike("generate", "--model", student, "--prompt", "", "--tokens", "3")).Code);

        (_, string info, _) = await Spike("info", "--model", student);
        Assert.Contains("ti_lif", info, StringComparison.Ordinal);
        Assert.Contains("in_proj", info, StringComparison.Ordinal);
        (_, string infoJson, _) = await Spike("info", "--model", student, "--json");
        Assert.Equal(4, (int)JsonNode.Parse(infoJson)!["config"]!["spiking"]!["levels"]!);
    }

    private async Task Fails(string name, params string[] args)
    {
        (int code, _, string error) = await Spike(args);
        Assert.Equal(1, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static Task<(int Code, string Output, string Error)> Spike(params string[] args) => Spike(default, args);

    private static async Task<(int Code, string Output, string Error)> Spike(CancellationToken cancellation, params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
