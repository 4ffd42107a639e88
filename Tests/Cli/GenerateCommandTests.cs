using System.Text.Json.Nodes;
using SpikeEngine.Cli;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Tests.Model.Text;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike generate</c> with a model that has learnt nothing.</summary>
[Collection(Lanes.Name)]
public sealed class GenerateCommandTests : IDisposable
{
    private const string Prompt = "The stream ";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public GenerateCommandTests()
    {
        string tokenizer = Path.Combine(TokenizerVectors.Folder, "tiny_tokenizer.json");
        _model = Directory.CreateDirectory(_folder.File("model")).FullName;
        ModelFolder.Save(_model, TinyModels.Dense(TinyModels.Config with { VocabSize = Tokenizer.Load(tokenizer).VocabSize }));
        File.WriteAllBytes(Path.Combine(_model, ModelFolder.TokenizerFile), File.ReadAllBytes(tokenizer));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_prompt_is_the_same_from_an_option_a_file_and_the_standard_input()
    {
        string file = _folder.Write("prompt.txt", Prompt);
        (int code, string text, string speed) = await Generate("--prompt", Prompt);
        Assert.Equal(0, code);
        Assert.StartsWith(Prompt, text, StringComparison.Ordinal);
        Assert.Matches("^prefill [0-9]+ tokens at [0-9,]+ tokens/s, decode 20 tokens at [0-9,]+ tokens/s", speed);
        Assert.Equal(text, (await Generate("--prompt-file", file)).Output);
        Assert.Equal(text, (await Generate("--prompt-file", "-")).Output);
        Assert.Equal(1, (await Generate("--prompt-file", _folder.File("gone.txt"))).Code);
        Assert.Equal(1, (await Generate("--prompt-file", _folder.Write("latin.txt", [0x63, 0x61, 0x66, 0xE9]))).Code);   // not UTF-8: refused, not changed
    }

    [Fact]
    public async Task Every_sampling_option_reaches_the_sampler()
    {
        HashSet<string> texts = [(await Generate("--prompt", Prompt)).Output];
        foreach (string[] option in (string[][])
            [["--temperature", "0"], ["--top-k", "2"], ["--top-p", "0.1"], ["--min-p", "0.98"], ["--seed", "2"], ["--repetition-penalty", "3"]])
            Assert.True(texts.Add((await Generate(["--prompt", Prompt, .. option])).Output), $"{option[0]} changed nothing");
        string[] penalty = ["--prompt", Prompt, "--repetition-penalty", "3"];
        Assert.True(texts.Add((await Generate([.. penalty, "--repetition-window", "1"])).Output), "--repetition-window changed nothing");
    }

    [Fact]
    public async Task Json_is_a_line_for_each_piece_and_one_for_the_whole()
    {
        (int code, string output, string error) = await Generate("--prompt", Prompt, "--json", "--logprobs", "2");
        Assert.Equal((0, ""), (code, error));
        JsonNode[] lines = Lines(output);
        JsonNode whole = lines[^1];
        Assert.Equal("max_tokens", (string)whole["finish_reason"]!);
        Assert.All(lines[..^1], line => Assert.Null(line["finish_reason"]));
        Assert.Equal((string)whole["text"]!, string.Concat(lines[..^1].Select(line => (string)line["text"]!)));
        Assert.Equal(20, (int)whole["generated_tokens"]!);
        Assert.True((double)whole["prefill_tokens_per_second"]! > 0 && (double)whole["decode_tokens_per_second"]! > 0);
        foreach (JsonNode? token in whole["tokens"]!.AsArray())
        {
            Assert.True((double)token!["logprob"]! < 0);
            Assert.Equal(2, token["top_logprobs"]!.AsArray().Count);
            Assert.True((double)token["top_logprobs"]![0]!["logprob"]! >= (double)token["logprob"]!);
        }

        JsonNode plain = Lines((await Generate("--prompt", Prompt, "--json")).Output)[^1];
        Assert.Equal((string)whole["text"]!, (string)plain["text"]!);
        Assert.Null(plain["tokens"]![0]!["logprob"]);
        Assert.Null(plain["tokens"]![0]!["top_logprobs"]);
    }

    [Fact]
    public async Task It_stops_before_any_of_the_stop_strings()
    {
        string all = (string)Lines((await Generate("--prompt", Prompt, "--json")).Output)[^1]["text"]!;
        int at = Enumerable.Range(3, all.Length).First(i => all[i] is > ' ' and < '\u007f');
        string stop = all[at].ToString();
        JsonNode whole = Lines((await Generate("--prompt", Prompt, "--json", "--stop", "never said", "--stop", stop)).Output)[^1];
        Assert.Equal("stop_string", (string)whole["finish_reason"]!);
        Assert.Equal(all[..all.IndexOf(stop, StringComparison.Ordinal)], (string)whole["text"]!);
    }

    [Fact]
    public async Task Stopped_it_ends_cleanly_with_130()
    {
        using CancellationTokenSource stop = new();
        StringWriter output = new StopAtFirstPiece(stop), error = new();
        string[] args = ["generate", "--model", _model, "--prompt", Prompt, "--tokens", "20", "--json"];

        Assert.Equal(130, await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error, stop.Token));
        Assert.Equal("stopped", error.ToString().TrimEnd());
        JsonNode[] lines = Lines(output.ToString());
        Assert.Equal(2, lines.Length);
        Assert.Equal("cancelled", (string)lines[^1]["finish_reason"]!);
        Assert.Equal((string)lines[0]["text"]!, (string)lines[^1]["text"]!);
    }

    private sealed class StopAtFirstPiece(CancellationTokenSource stop) : StringWriter
    {
        public override void Flush() => stop.Cancel();
    }

    private static JsonNode[] Lines(string output) => [.. output.TrimEnd().Split(Environment.NewLine).Select(line => JsonNode.Parse(line)!)];

    private async Task<(int Code, string Output, string Error)> Generate(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(
            ["generate", "--model", _model, "--tokens", "20", .. args], () => new StringReader(Prompt), output, error);
        return (code, output.ToString(), error.ToString());
    }
}
