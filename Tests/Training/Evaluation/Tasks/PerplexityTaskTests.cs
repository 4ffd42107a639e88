using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Evaluation.Tasks;

namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

public sealed class PerplexityTaskTests : IDisposable
{
    private const int Window = 16;

    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void FiguresOfATextAreThoseOfTheNaiveComputation()
    {
        string[] documents = [string.Join('\n', _text.Lines.Take(3)), _text.Lines[5] + " über alles", "the cat"];
        string path = _folder.Write("text.txt", string.Join("\n<|endoftext|>\n", documents) + "\n");
        TaskResult result = Run("text:text.txt", _folder.Path);

        int end = _text.Tokenizer.EndOfTextId!.Value;
        double nats = documents.Sum(document => Rolling(document, end));
        Assert.Equal(3, result.Items);
        Assert.Equal(path, result.Source);
        Near(Math.Exp(nats / documents.Sum(d => d.Split([' ', '\n']).Length)), result["word_perplexity"]!);
        int characters = documents.Sum(d => d.Length), bytes = characters + 1;
        Near(Math.Exp(nats / bytes), result["byte_perplexity"]!);
        Near(nats / Math.Log(2) / bytes, result["bits_per_byte"]!);
        Near(nats / Math.Log(2) / characters, result["bits_per_char"]!);

        int[] whole = _text.Tokenizer.Encode(string.Join("<|endoftext|>", documents));
        double[] losses = [.. whole.Chunk(Window).Where(block => block.Length == Window).SelectMany(block => TinyText.NaiveLosses(_text.Model, block))];
        Near(Math.Exp(losses.Average()), result["token_perplexity"]!);
        Assert.Equal(documents.Sum(d => _text.Tokenizer.Encode(d).Length), result.Tokens);
        Assert.Equal(1, Run("text:text.txt", _folder.Path, limit: 1).Items);
    }

    [Fact]
    public void JsonLinesAreDocuments()
    {
        _folder.Write("text.jsonl", "{\"text\": \"the cat sleeps\"}\n{\"text\": \"a small dog waits\"}\n");
        Assert.Equal(["the cat sleeps", "a small dog waits"], Run("text:text.jsonl", _folder.Path).Samples.Select(s => s.Requests[0].Request.Continuation));
    }

    [Fact]
    public void WikiTextIsReadPageByPageAsWrittenAndCountedAsInTheFile()
    {
        const string First = " \n = A river = \n \n It is 4 @,@ 000 km long , they say . \n \n = = Course = = \n \n North ( and east ) . \n ", Second = " = A hill = \n \n High . \n";
        IReadOnlyList<TextDocument> pages = WikiText.Pages(First + "\n" + Second);
        Assert.Equal(2, pages.Count);
        Assert.Equal("= A river =\n\nIt is 4,000 km long, they say.\n\n== Course ==\n\nNorth (and east).\n", pages[0].Text.TrimStart());

        _folder.Write("wikitext2/valid.txt", First + "\n" + Second);
        TaskResult result = Run("wikitext2", _folder.Path);
        int words = pages.Sum(page => PerplexityTask.Words(page.Original));
        Near(Math.Exp(pages.Sum(page => Rolling(page.Text, _text.Tokenizer.EndOfTextId!.Value)) / words), result["word_perplexity"]!);
    }

    [Theory]
    [InlineData("the dogs ' bowls", "the dogs' bowls")]
    [InlineData("a well @-@ known 3 @.@ 5 of 1 @,@ 000", "a well-known 3.5 of 1,000")]
    [InlineData("one : two ; three . four ! five ? six , seven", "one: two; three. four! five? six, seven")]
    [InlineData("( in ) [ out ] { up }", "(in) [out] {up}")]
    [InlineData("she said \" yes \" and ' no '", "she said \"yes\" and 'no'")]
    [InlineData(" = = = = Deep = = = = \n next", " ==== Deep ====\nnext")]
    [InlineData("at 5 ° C the bird 's nest has N eggs", "at 5°C the bird's nest has 1 eggs")]
    public void TokensAreUndone(string text, string expected) => Assert.Equal(expected, WikiText.Detokenized(text));

    [Theory]
    [InlineData("", 1)]
    [InlineData("one", 1)]
    [InlineData("one two", 2)]
    [InlineData("one \n\t two", 2)]
    [InlineData(" one two \n", 4)]
    public void WordsArePiecesAsPythonSplitsThem(string text, int words) => Assert.Equal(words, PerplexityTask.Words(text));

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    private TaskResult Run(string task, string data, int? limit = null) =>
        ZeroShot.Run(new Mamba2Decoder(_text.Model), _text.Tokenizer, task, data, limit, Window);

    private double Rolling(string text, int end) => RollingWindows.Of(_text.Tokenizer.Encode(text), end, Window)
        .Sum(window => TinyText.NaiveLosses(_text.Model, [.. window.Context, .. window.Tokens]).TakeLast(window.Tokens.Length).Sum());

    private static void Near(double expected, TaskMetric metric)
    {
        Assert.Equal(1, metric.Value / expected, 1e-4);
        Assert.Null(metric.StandardError);
    }
}
