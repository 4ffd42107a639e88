using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Tests.Training.Data.Documents;

public sealed class JsonLinesFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_text_of_each_record_is_a_document() => Assert.Equal(
        ["a\nb", "é😀"],
        Read("""
            {"text": "a\nb", "id": 1}

            {"id": {"text": "inner"}, "text": "é\ud83d\ude00"}
            {"text": " "}
            """));

    [Fact]
    public void The_field_has_any_name() => Assert.Equal(["a"], Read("""{"text": 1, "body": "a"}""", "body"));

    [Fact]
    public void Messages_are_rendered() => Assert.Equal(
        ["<|system|>\nBe brief.\n<|user|>\nHi\n<|assistant|>\nHello\nthere\n"],
        Read("""{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello\nthere"}]}"""));

    [Theory]
    [InlineData("{\"text\": ", "not valid JSON")]
    [InlineData("""{"text": "a", "text": "b"}""", "text")]
    [InlineData("""["a"]""", "the record is Array")]
    [InlineData("""{"text": null}""", "'text' is Null")]
    [InlineData("""{"title": "a", "body": "b"}""", "neither 'text' nor 'messages'; the record has 'title', 'body'")]
    [InlineData("{}", "no fields")]
    [InlineData("""{"text": "\ud83d"}""", "line 2")]
    [InlineData("""{"messages": []}""", "'messages' is empty")]
    [InlineData("""{"messages": {}}""", "'messages' is Object")]
    [InlineData("""{"messages": [{"role": "user", "content": "a"}, {"role": "user"}]}""", "messages[1] has no 'content'")]
    [InlineData("""{"messages": [{"role": "user", "content": 5}]}""", "'content' of messages[0] is Number")]
    [InlineData("""{"messages": [{"role": " ", "content": "a"}]}""", "'role' of messages[0] is blank")]
    [InlineData("""{"messages": ["a"]}""", "messages[0] has no 'role'")]
    public void What_is_wrong_is_named_with_file_and_line(string record, string offence)
    {
        string path = _folder.Write("a.jsonl", "{\"text\": \"good\"}\n" + record + "\n");
        string message = Assert.Throws<InvalidDataException>(() => Read(path).Count()).Message;
        Assert.StartsWith($"{path}, line 2: ", message, StringComparison.Ordinal);
        Assert.Contains(offence, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_named()
    {
        string path = _folder.Write("a.jsonl", [.. "{\"text\": \"a\"}\n{\"text\": \""u8, 0xFF, .. "\"}"u8]);
        Assert.Contains("byte 24 is 0xFF", Assert.Throws<InvalidDataException>(() => Read(path).Count()).Message, StringComparison.Ordinal);
    }

    private string[] Read(string content, string field) => [.. Read(_folder.Write("a.jsonl", content), new DocumentOptions { TextField = field })];

    private IEnumerable<string> Read(string contentOrPath) =>
        Read(File.Exists(contentOrPath) ? contentOrPath : _folder.Write("a.jsonl", contentOrPath), new DocumentOptions());

    private static IEnumerable<string> Read(string path, DocumentOptions options) =>
        new JsonLinesFormat().Read(path, options, bytes: null).Select(part => part.Text);
}
