using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public sealed class TextCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_line_is_on_both_sides_and_none_is_lost()
    {
        string[] lines = Numbered(5000);
        TextCorpus corpus = Corpus(string.Join('\n', lines.Concat(lines)));
        Assert.Empty(corpus.Train.Intersect(corpus.Validation));
        Assert.Equal(lines.Order(), corpus.Train.Concat(corpus.Validation).Order());
        Assert.InRange(corpus.Validation.Count, 60, 140);
        Assert.Equal(lines.Sum(l => l.Length), corpus.TrainBytes + corpus.ValidationBytes);
    }

    [Fact]
    public void The_order_of_the_source_is_kept()
    {
        string[] lines = Numbered(1000);
        TextCorpus corpus = Corpus(string.Join('\n', lines));
        Assert.Equal(lines.Except(corpus.Validation), corpus.Train);
        Assert.Equal(lines.Except(corpus.Train), corpus.Validation);
    }

    [Fact]
    public void A_line_stays_on_its_side_when_others_come_and_go()
    {
        TextCorpus all = Corpus(string.Join('\n', Numbered(5000)));
        TextCorpus half = Corpus(string.Join('\n', Numbered(5000).Where((_, i) => i % 2 == 0).Reverse()));
        Assert.Subset(all.Train.ToHashSet(), half.Train.ToHashSet());
        Assert.Subset(all.Validation.ToHashSet(), half.Validation.ToHashSet());
    }

    [Fact]
    public void The_hash_never_changes()
    {
        Assert.Equal(0xEFD01F60BA992926UL, StableHash.Of([]));
        Assert.Equal(0xA4FA904F8DF92E83UL, StableHash.Of("spike"u8));
    }

    [Fact]
    public void Both_sides_of_a_few_lines_have_one()
    {
        TextCorpus corpus = Corpus("one\ntwo");
        Assert.Single(corpus.Train);
        Assert.Single(corpus.Validation);
    }

    [Fact]
    public void Lines_are_trimmed_and_folded_and_blank_ones_dropped() =>
        Assert.Equal(["a b", "c"], All(Corpus("\uFEFF  a \t b \r\n\r\n \u00A0 \nc")));

    [Fact]
    public void Several_files_are_one_corpus() => Assert.Equal(["a", "b", "c"],
        All(TextCorpus.FromFiles([_folder.Write("1.txt", "a\nb"), _folder.Write("2.txt", "b\nc\n")])));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_named_with_their_place()
    {
        string path = _folder.Write("latin1.txt", [.. "caf"u8, 0xC3, 0xA9, .. " caf"u8, 0xE9, .. " ok"u8]);
        var e = Assert.Throws<InvalidDataException>(() => TextCorpus.FromFiles([path]));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains("byte 9 is 0xE9", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_empty_file_is_named()
    {
        string empty = _folder.Write("empty.txt", " \n\n");
        Assert.Contains("gone.txt", Assert.Throws<FileNotFoundException>(() => TextCorpus.FromFiles(["gone.txt"])).Message,
            StringComparison.Ordinal);
        Assert.Contains(empty, Assert.Throws<InvalidDataException>(() => TextCorpus.FromFiles([empty])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_line_cannot_be_parted() => Assert.Throws<InvalidDataException>(() => Corpus("same\nsame"));

    private TextCorpus Corpus(string text) => TextCorpus.FromFiles([_folder.Write("text.txt", text)]);

    private static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => $"This is line {i}.")];

    private static IEnumerable<string> All(TextCorpus corpus) => corpus.Train.Concat(corpus.Validation).Order();
}
