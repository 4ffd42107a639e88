using System.Text.Json.Nodes;
using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public sealed class RequestFileTests : IDisposable
{
    private const int Window = 16;

    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void AnswersAreInTheOrderOfTheRequestsAndKeepTheirNames()
    {
        string path = _folder.Write("requests.jsonl", $$"""
            {"id": "long", "context": "{{_text.Lines[0]}}", "continuation": " again"}
            {"id": {"doc": 3}, "text": "{{_text.Lines[1]}} {{_text.Lines[2]}}"}

            {"context": "", "continuation": " the cat"}
            {"id": 4, "text": ""}
            """);

        int count = RequestFile.Answer(new Mamba2Decoder(_text.Model), _text.Tokenizer, path, _folder.File("answers.jsonl"), maxLength: Window);

        JsonNode[] answers = [.. File.ReadLines(_folder.File("answers.jsonl")).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal((4, 4), (count, answers.Length));
        Assert.Equal("long", (string)answers[0]["id"]!);
        Assert.Equal("""{"doc": 3}""", answers[1]["id"]!.ToJsonString().Replace(":", ": ", StringComparison.Ordinal));
        Assert.Null(answers[2]["id"]);
        Assert.Equal(4, (int)answers[3]["id"]!);

        RequestEncoder encoder = new(_text.Tokenizer, Window);
        Assert.Equal(Naive(encoder.Encode(new LikelihoodRequest(_text.Lines[0], " again"))), (double)answers[0]["log_likelihood"]!, 1e-3);
        Continuation[] windows = [.. RollingWindows.Of(_text.Tokenizer.Encode($"{_text.Lines[1]} {_text.Lines[2]}"), encoder.Prefix, Window)];
        Assert.True(windows.Length > 1);
        Assert.Equal(windows.Sum(Naive), (double)answers[1]["log_likelihood"]!, 1e-3);
        Assert.Equal(windows.Sum(window => window.Tokens.Length), (int)answers[1]["tokens"]!);
        Assert.Null(answers[1]["is_greedy"]);
        Assert.Equal(Naive(encoder.Encode(new LikelihoodRequest("", " the cat"))), (double)answers[2]["log_likelihood"]!, 1e-3);
        Assert.False((bool)answers[2]["is_greedy"]!);
        Assert.Equal((0.0, 0), ((double)answers[3]["log_likelihood"]!, (int)answers[3]["tokens"]!));
    }

    [Theory]
    [InlineData("""{"continuation": " a"}""", "line 2: field 'context' is missing")]
    [InlineData("""{"context": "a"}""", "line 2: field 'continuation' is missing")]
    [InlineData("""{"context": "a", "continuation": 1}""", "line 2: field 'continuation' is 1, expected text")]
    [InlineData("""{"text": null}""", "line 2: field 'text' is null, expected text")]
    [InlineData("""{"context": "a", "continuation": " one two three four five six seven eight nine"}""", "line 2: A continuation has")]
    [InlineData("[]", "line 2: the line is not a JSON object")]
    public void ARequestThatIsWrongIsNamedAndNothingIsWritten(string line, string offence)
    {
        string path = _folder.Write("requests.jsonl", $$"""{"context": "a", "continuation": " b"}{{"\n"}}{{line}}""");
        string message = Assert.Throws<InvalidDataException>(
            () => RequestFile.Answer(new Mamba2Decoder(_text.Model), _text.Tokenizer, path, _folder.File("answers.jsonl"), maxLength: Window)).Message;
        Assert.Contains("requests.jsonl, " + offence, message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("answers.jsonl")));
    }

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    private double Naive(Continuation continuation) =>
        -TinyText.NaiveLosses(_text.Model, [.. continuation.Context, .. continuation.Tokens]).TakeLast(continuation.Tokens.Length).Sum();
}
