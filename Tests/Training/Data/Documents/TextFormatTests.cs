using System.IO.Compression;
using System.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Tests.Training.Data.Documents;

public sealed class TextFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("one\n<|endoftext|>\ntwo\r\nlines\n<|endoftext|>\n\n<|endoftext|>three", "one|two\r\nlines|three")]
    [InlineData("no separator\n\nat all\n", "no separator\n\nat all")]
    [InlineData("\uFEFFmarked<|endoftext|>", "marked")]
    [InlineData("<|endoftext|", "<|endoftext|")]
    [InlineData(" \n<|endoftext|>\t", "")]
    [InlineData("", "")]
    public void Text_parts_at_end_of_text(string text, string documents) => Assert.Equal(documents, Joined(text, TextSplit.AtEndOfText));

    [Fact]
    public void A_separator_may_be_anything() => Assert.Equal("a|b--c", Joined("a\n---\nb--c", TextSplit.At("---")));

    [Fact]
    public void A_whole_file_is_kept_to_the_last_byte() => Assert.Equal("\na\n\nb\r\n", Joined("\na\n\nb\r\n", TextSplit.WholeFile));

    [Fact]
    public void Lines_are_documents() => Assert.Equal(" a|é|b", Joined(" a\r\n\né\n \nb", TextSplit.Lines));

    [Fact]
    public void Blank_lines_part_paragraphs() => Assert.Equal("a\nb|c", Joined("\na\r\nb\n \t\r\n\nc\n", TextSplit.BlankLines));

    [Theory]
    [InlineData("file")]
    [InlineData("lines")]
    [InlineData("blank-lines")]
    [InlineData("separator:<|endoftext|>")]
    public void A_long_document_comes_in_parts_and_is_the_same(string name)
    {
        // Three bytes to a character, so that a part may end within one.
        string text = string.Concat(Enumerable.Repeat("ありがとう", 150_000));
        DocumentPart[] parts = Parts(text + "\n", TextSplit.Parse(name));

        Assert.True(parts.Length > 2);
        Assert.Equal(name == "file" ? text + "\n" : text, string.Concat(parts.Select(p => p.Text)));
        Assert.Equal([true, .. parts.Skip(1).Select(_ => false)], parts.Select(p => p.Begins));
    }

    [Fact]
    public void A_separator_is_found_wherever_the_parts_meet()
    {
        for (int before = (1 << 20) - 14; before <= (1 << 20) + 1; before++)
        {
            string[] documents = Documents(Parts(new string('x', before) + "<|endoftext|>" + "tail", TextSplit.AtEndOfText));
            Assert.Equal([before, 4], documents.Select(d => d.Length));
        }
    }

    [Fact]
    public void Gzip_is_unpacked_whatever_the_number_of_members()
    {
        string path = _folder.Write("a.txt.gz", [.. Packed("a\nb"), .. Packed("c\nd")]);
        Assert.Equal("a|bc|d", string.Join('|', Documents([.. Read(path, TextSplit.Lines)])));
    }

    [Fact]
    public void Damaged_gzip_is_an_error_with_the_name()
    {
        byte[] packed = Packed(string.Join(' ', Enumerable.Range(0, 5000)));
        byte[] flipped = [.. packed];
        flipped[packed.Length / 2] ^= 4;
        byte[] garbage = [.. packed, 1, 2, 3];
        byte[] half = [.. packed, .. packed[..7]];
        foreach (byte[] bytes in (byte[][])[Encoding.UTF8.GetBytes("plain text"), flipped, garbage, half, .. Enumerable.Range(1, packed.Length - 1).Where(n => n % 97 == 0 || n < 30 || n > packed.Length - 30).Select(n => packed[..n])])
        {
            string path = _folder.Write("a.txt.gz", bytes);
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => Read(path, TextSplit.Lines).Count()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("file")]
    [InlineData("lines")]
    public void Bytes_that_are_not_utf8_are_named_and_never_replaced(string split)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("line é\n", 300_000))), (byte)'a', 0xE9, (byte)'b'];
        string path = _folder.Write("latin.txt", bytes);
        string message = Assert.Throws<InvalidDataException>(() => Read(path, TextSplit.Parse(split)).Count()).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains($"byte {bytes.Length - 2} is 0xE9", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_cut_short_by_the_end_is_not_utf8()
    {
        string path = _folder.Write("short.txt", [(byte)'a', 0xE2, 0x82]);
        Assert.Contains("byte 1 is 0xE2", Assert.Throws<InvalidDataException>(() => Read(path, TextSplit.WholeFile).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Splits_have_names()
    {
        foreach (TextSplit split in (TextSplit[])[TextSplit.WholeFile, TextSplit.Lines, TextSplit.BlankLines, TextSplit.AtEndOfText, TextSplit.At("##")])
            Assert.Equal(split, TextSplit.Parse(split.ToString()));
        Assert.Contains("'line'", Assert.Throws<ArgumentException>(() => TextSplit.Parse("line")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TextSplit.Parse("separator:"));
    }

    private string Joined(string text, TextSplit split) => string.Join('|', Documents(Parts(text, split)));

    private DocumentPart[] Parts(string text, TextSplit split) => [.. Read(_folder.Write("a.txt", text), split)];

    private static IEnumerable<DocumentPart> Read(string path, TextSplit split) =>
        new TextFormat().Read(path, new DocumentOptions { Split = split }, bytes: null);

    internal static string[] Documents(DocumentPart[] parts)
    {
        var documents = new List<string>();
        foreach (DocumentPart part in parts)
        {
            if (part.Begins)
                documents.Add("");
            documents[^1] += part.Text;
        }

        return [.. documents];
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
