using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Tests.Training.Data.Documents;

public sealed class DocumentFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_read_in_ordinal_order_and_says_what_it_ignores()
    {
        foreach (string name in (string[])["b.txt", "B.md", "a/z.jsonl", "a.txt", "a/c/d.TXT"])
            _folder.Write(name, name.EndsWith("jsonl", StringComparison.Ordinal) ? "{\"text\":\"a/z.jsonl\"}" : name);
        foreach (string name in (string[])["config.json", "image.png", ".hidden/h.txt", "a/.h.txt"])
            _folder.Write(name, "ignored");
        DocumentFiles files = new([_folder.Path]);

        Assert.Equal(["B.md", "a.txt", "a/c/d.TXT", "a/z.jsonl", "b.txt"], files.Read().Select(p => p.Text));
        Assert.Equal([_folder.File("config.json"), _folder.File("image.png")], files.Ignored);
        Assert.Equal(files.Paths.Sum(p => new FileInfo(p).Length), files.Bytes);
    }

    [Fact]
    public void A_link_back_to_the_folder_is_not_followed()
    {
        _folder.Write("a.txt", "a");
        Directory.CreateSymbolicLink(_folder.File("loop"), _folder.Path);
        Assert.Single(new DocumentFiles([_folder.Path]).Paths);
    }

    [Fact]
    public void Paths_are_read_in_the_order_they_are_given()
    {
        string b = _folder.Write("b.txt", "b"), a = _folder.Write("enwik8", "a");
        Assert.Equal(["b", "a", "b"], new DocumentFiles([b, a, b]).Read().Select(p => p.Text));
    }

    [Fact]
    public void What_cannot_be_read_is_named()
    {
        Assert.Contains("gone.txt", Assert.Throws<FileNotFoundException>(() => new DocumentFiles([_folder.File("gone.txt")])).Message, StringComparison.Ordinal);
        string zip = _folder.Write("a.zip", "");
        string message = Assert.Throws<InvalidDataException>(() => new DocumentFiles([zip])).Message;
        Assert.Contains(zip, message, StringComparison.Ordinal);
        Assert.Contains(".jsonl.gz", message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, Assert.Throws<InvalidDataException>(() => new DocumentFiles([_folder.Path])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new DocumentFiles([]));
    }

    [Fact]
    public void The_key_follows_content_order_and_options_but_not_names()
    {
        string a = _folder.Write("a.txt", "one\ntwo"), b = _folder.Write("b.txt", "three"), moved = _folder.Write("moved/c.txt", "one\ntwo");
        string lines = _folder.Write("a.jsonl", "{\"text\":\"a\"}");
        DocumentOptions byLine = new() { Split = TextSplit.Lines }, otherField = new() { TextField = "body" };

        Assert.Equal(Key([a, b]), Key([moved, b]));
        Assert.Equal(6, new[] { Key([a, b]), Key([b, a]), Key([a]), Key([a, b], byLine), Key([a, lines]), Key([a, lines], otherField) }.Distinct().Count());
        Assert.Equal(Key([a]), Key([a], otherField));

        string before = Key([a]);
        File.WriteAllText(a, "one\ntwO");
        Assert.NotEqual(before, Key([a]));
    }

    [Fact]
    public void Progress_reaches_the_number_of_bytes()
    {
        DocumentFiles files = new([_folder.Write("a.txt", new string('x', 3_000_000)), _folder.Write("b.txt", "b")]);
        foreach (Action<IProgress<long>> read in (Action<IProgress<long>>[])[p => files.ComputeKey(p), p => Assert.Equal(2, files.Read(p).Count(part => part.Begins))])
        {
            SeenProgress<long> seen = new();
            read(seen);
            Assert.Equal(seen.Values.Order(), seen.Values);
            Assert.Equal(files.Bytes, seen.Values[^1]);
            Assert.True(seen.Values.Count > 2);
        }
    }

    [Fact]
    public void A_file_that_changes_meanwhile_is_an_error()
    {
        string path = _folder.Write("a.txt", "a");
        DocumentFiles files = new([path]);
        File.WriteAllText(path, "longer");
        Assert.Contains("changed", Assert.Throws<InvalidDataException>(() => files.Read().Count()).Message, StringComparison.Ordinal);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => files.ComputeKey()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_further_format_is_asked_first()
    {
        string path = _folder.Write("a.txt", "text");
        Assert.Equal(["shouted"], new DocumentFiles([path], formats: [new Shouting()]).Read().Select(p => p.Text));
    }

    private static string Key(string[] paths, DocumentOptions? options = null) => new DocumentFiles(paths, options).ComputeKey();

    private sealed class Shouting : IDocumentFormat
    {
        public IReadOnlyList<string> Extensions { get; } = [".txt"];

        public string Key(DocumentOptions options) => "shouting-1";

        public IEnumerable<DocumentPart> Read(string path, DocumentOptions options, IProgress<long>? bytes) => [new DocumentPart("shouted", true)];
    }
}
