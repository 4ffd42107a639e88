using System.Text.Json.Nodes;
using SpikeEngine.Cli;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Training.Evaluation.Tasks;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike eval</c> with a model that has learnt nothing.</summary>
[Collection(Lanes.Name)]
public sealed class EvalCommandTests : IDisposable
{
    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public EvalCommandTests()
    {
        _model = Directory.CreateDirectory(_folder.File("model")).FullName;
        ModelFolder.Save(_model, _text.Model);
        File.Copy(_text.TokenizerFile, Path.Combine(_model, ModelFolder.TokenizerFile));
    }

    [Fact]
    public async Task SeveralTasksMakeATableAndAFile()
    {
        string data = Data();
        (int code, string output, string error) = await Eval("--tasks", "copa, blimp,piqa", "--data", data, "--json", _folder.File("figures/eval.json"), "--show", "1");
        Assert.Equal((0, ""), (code, error));
        foreach (string part in (string[])["copa", "blimp", "piqa", "acc_norm", "mean of acc*", "by phenomenon", "agreement"])
            Assert.Contains(part, output, StringComparison.Ordinal);

        JsonNode report = JsonNode.Parse(File.ReadAllText(_folder.File("figures/eval.json")))!;
        JsonArray tasks = report["tasks"]!.AsArray();
        Assert.Equal(["copa", "blimp", "piqa"], tasks.Select(task => (string)task!["task"]!));
        TaskResult piqa = ZeroShot.Run(new SpikeEngine.Model.Mamba2Decoder(_text.Model), _text.Tokenizer, "piqa", data);
        Assert.Equal(piqa["acc_norm"]!.Value, (double)tasks[2]!["metrics"]!["acc_norm"]!["value"]!);
        Assert.Equal("phenomenon", (string)tasks[1]!["groups"]![0]!["kind"]!);
        Assert.Equal(tasks.Average(task => (double)task!["metrics"]![(string)task["main_metric"]!]!["value"]!), (double)report["mean"]!["value"]!, 1e-12);
        Assert.Equal("Question: keep soup warm\nAnswer:", (string)tasks[2]!["samples"]![0]!["requests"]![0]!["context"]!);
    }

    [Fact]
    public async Task ShownItemsAreThereInFull()
    {
        (_, string output, _) = await Eval("--tasks", "piqa", "--data", Data(), "--show", "10");
        Assert.Contains("context: \"Question: keep soup warm\nAnswer:\"", output, StringComparison.Ordinal);
        Assert.Matches("right 0: log-likelihood -[0-9.]+, [0-9]+ tokens: \" put a lid on the pot\"", output);
        Assert.Matches("acc chose [01], which is (right|wrong)", output);
        Assert.DoesNotContain("item", (await Eval("--tasks", "piqa", "--data", Data())).Output.Replace("items", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextsAreNamedWithTheTask()
    {
        string text = _folder.Write("lines.txt", string.Join('\n', _text.Lines));
        (int code, string output, _) = await Eval("--tasks", $"cloze:{text},text:lines.txt", "--data", _folder.Path, "--limit", "20", "--max-length", "64");
        Assert.Equal(0, code);
        Assert.Contains("bits_per_char", output, StringComparison.Ordinal);
        Assert.Contains("acc_bytes *", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NeuronsChangeTheFiguresAndARateNeedsAText()
    {
        string data = Data(), text = _folder.Write("lines.txt", string.Join('\n', _text.Lines));
        string[] tasks = ["--tasks", "piqa", "--data", data, "--show", "1"];
        HashSet<string> outputs = [(await Eval(tasks)).Output, (await Eval([.. tasks, "--spiking", "D=4"])).Output];
        outputs.Add((await Eval([.. tasks, "--spiking", "D=4,rate=0.2", "--calibration", text])).Output);
        outputs.Add((await Eval([.. tasks, "--weights", "bf16"])).Output);
        Assert.Equal(4, outputs.Count);
        (int code, _, string error) = await Eval([.. tasks, "--spiking", "D=4,rate=0.2"]);
        Assert.Equal(1, code);
        Assert.Contains("--calibration", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestsAreAnswered()
    {
        string requests = _folder.Write("requests.jsonl", """{"id": 1, "context": "the cat", "continuation": " sleeps"}""");
        (int code, string output, _) = await Eval("--requests", requests, "--answers", _folder.File("out/answers.jsonl"));
        Assert.Equal(0, code);
        Assert.Contains("1 answers", output, StringComparison.Ordinal);
        Assert.Equal(1, (int)JsonNode.Parse(File.ReadAllText(_folder.File("out/answers.jsonl")))!["id"]!);
    }

    [Fact]
    public async Task WhatWasMeasuredBeforeAFailureIsShown()
    {
        string text = _folder.Write("lines.txt", string.Join('\n', _text.Lines));
        (int code, string output, string error) = await Eval("--tasks", $"text:{text},piqa", "--data", Data(), "--limit", "20", "--max-length", "3", "--json", _folder.File("eval.json"));
        Assert.Equal(1, code);
        Assert.Single(JsonNode.Parse(File.ReadAllText(_folder.File("eval.json")))!["tasks"]!.AsArray());
        Assert.Contains("bits_per_char", output, StringComparison.Ordinal);
        Assert.Matches("^error: piqa: A continuation has [0-9]+ tokens; a window, which is no longer than the model's positions, has 3\\.", error);
    }

    [Theory]
    [InlineData("There is no task 'hellaswig'", "--tasks", "hellaswig")]
    [InlineData("Exactly one of --tasks and --requests", "--show", "1")]
    [InlineData("Exactly one of --tasks and --requests", "--tasks", "piqa", "--requests", "r", "--answers", "a")]
    [InlineData("--requests and --answers go together", "--requests", "r")]
    [InlineData("--json is for the figures of --tasks", "--requests", "r", "--answers", "a", "--json", "j")]
    [InlineData("--limit is '0'", "--tasks", "piqa", "--limit", "0")]
    public async Task WrongUsageIsNamed(string message, params string[] options)
    {
        (int code, _, string error) = await Eval(options);
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingDataAreNamedBeforeTheModelIsLoaded()
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(
            ["eval", "--model", _folder.File("none"), "--tasks", "piqa,boolq", "--data", Data()], () => TextReader.Null, output, error);
        Assert.Equal(1, code);
        Assert.Contains("boolq.jsonl", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelpListsTheTasks()
    {
        (int code, string output, _) = await Eval("--help");
        Assert.Equal(0, code);
        Assert.All(ZeroShotTasks.All, task => Assert.Contains(task.Name, output, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    private string Data()
    {
        foreach (string task in (string[])["piqa", "copa", "blimp"])
            TaskFixtures.Write(_folder, task, TaskFixtures.Prepared);
        return _folder.File(TaskFixtures.Prepared);
    }

    private async Task<(int Code, string Output, string Error)> Eval(params string[] options)
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(["eval", "--model", _model, .. options], () => TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
