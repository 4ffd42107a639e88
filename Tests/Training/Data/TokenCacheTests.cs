using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Tests.Training.Data;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class TokenCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public TokenCacheTests() => _tokenizer = Trained("tokenizer.json", 300);

    private string Caches => _folder.File("caches");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cache_has_the_documents_each_with_its_end()
    {
        string[] documents = ["the first one\nof two lines", "é 😀", "the last"];
        using TokenCache cache = Build(string.Join("<|endoftext|>", documents));

        int[] expected = [.. documents.SelectMany(d => _tokenizer.Encode(d).Append(_tokenizer.EndOfTextId!.Value))];
        Assert.Equal(expected, All(cache));
        Assert.Equal((3, _tokenizer.VocabSize, 2), (cache.Documents, cache.VocabSize, cache.BytesPerToken));
        Assert.Equal(documents.Sum(d => System.Text.Encoding.UTF8.GetByteCount(d)), cache.Utf8Bytes);
        Assert.Equal(new TokenList(expected, _tokenizer.EndOfTextId).EndOfTextId, cache.EndOfTextId);
        Assert.Equal(cache.Key + ".tokens", Path.GetFileName(cache.Path));
        bool[] begins = new bool[cache.Count];
        cache.MarkStarts(0, begins);
        Assert.Equal(3, begins.Count(b => b));
    }

    [Fact]
    public void A_second_time_it_is_found()
    {
        SeenProgress<TokenizingProgress> first = new(), second = new();
        using TokenCache built = Build("some text", progress: first), found = Build("some text", progress: second);

        Assert.Equal(All(built), All(found));
        Assert.Equal([TokenizingStage.Hashing, TokenizingStage.Tokenizing], first.Values.Select(p => p.Stage).Distinct());
        Assert.Equal([TokenizingStage.Hashing, TokenizingStage.Verifying], second.Values.Select(p => p.Stage).Distinct());
        Assert.Equal(9, first.Values[^1].Bytes);
        Assert.Equal(built.Count, first.Values[^1].Tokens);
        Assert.Equal([built.Path], Directory.GetFiles(Caches));
    }

    [Fact]
    public void Other_content_options_or_tokenizers_have_other_caches()
    {
        using TokenCache a = Build("a\n\nb"), content = Build("a\n\nc"), split = Build("a\n\nb", TextSplit.BlankLines);
        using TokenCache tokenizer = TokenCache.OpenOrBuild(Caches, Source("a\n\nb"), Trained("other.json", 260));
        Assert.Equal(4, new[] { a, content, split, tokenizer }.Select(c => c.Key).Distinct().Count());
        Assert.Equal(4, Directory.GetFiles(Caches).Length);
    }

    [Fact]
    public void The_number_of_threads_and_the_pieces_change_nothing()
    {
        // Short documents, and one that is longer than any piece.
        string longOne = string.Concat(Enumerable.Range(0, 250_000).Select(i => $"word {i * 7919 % 1009}\n"));
        string text = string.Join("<|endoftext|>", Enumerable.Range(0, 3000).Select(i => $"document {i}\n\n  with é").Append(longOne).Append("end"));
        int threads = RowParallel.Threads;
        try
        {
            byte[][] files = [.. new[] { 1, 2, 3 }.Select(count =>
            {
                RowParallel.Threads = count;
                string folder = _folder.File($"threads{count}");
                using TokenCache cache = TokenCache.OpenOrBuild(folder, Source(text), _tokenizer);
                return File.ReadAllBytes(cache.Path);
            })];
            Assert.Equal(files[0], files[1]);
            Assert.Equal(files[0], files[2]);
        }
        finally
        {
            RowParallel.Threads = threads;
        }

        using TokenCache built = Build(text);
        int[] whole = [.. text.Split("<|endoftext|>").SelectMany(d => _tokenizer.Encode(d.Trim('\n')).Append(_tokenizer.EndOfTextId!.Value))];
        Assert.Equal(whole, All(built));
    }

    [Fact]
    public void Text_without_any_white_space_is_cut_and_none_is_lost()
    {
        string text = string.Concat(Enumerable.Repeat("ありがとう😀", 400_000));
        using TokenCache cache = Build(text);
        Assert.Equal(text, _tokenizer.Decode(All(cache), skipSpecialTokens: true));
    }

    [Fact]
    public void Large_vocabularies_take_four_bytes()
    {
        Assert.Equal([2, 4], new[] { 65_536, 65_537 }.Select(TokenCacheHeader.WidthFor));
        string json = File.ReadAllText(_folder.File("tokenizer.json"));
        string path = _folder.Write("large.json", json.Replace("\"added_tokens\": [", "\"added_tokens\": [{\"id\": 70000, \"content\": \"wide\"},", StringComparison.Ordinal));
        Tokenizer tokenizer = Tokenizer.Load(path);
        using TokenCache cache = TokenCache.OpenOrBuild(Caches, Source("a wide a"), tokenizer);

        Assert.Equal(4, cache.BytesPerToken);
        Assert.Contains(70_000, All(cache));
        Assert.Equal(tokenizer.Encode("a wide a"), All(cache)[..^1]);
    }

    [Theory]
    [InlineData(3, "no token cache")]
    [InlineData(8, "version")]
    [InlineData(20, "checksum of its header")]
    [InlineData(200, "checksum of its tokens")]
    [InlineData(-1, "cut short")]
    [InlineData(-1_000_000, "no token cache")]
    public void A_damaged_cache_is_refused_when_opened_and_rebuilt_when_built(int at, string offence)
    {
        string text = string.Join(' ', Enumerable.Range(0, 500));
        string path;
        byte[] whole;
        using (TokenCache cache = Build(text))
        {
            path = cache.Path;
            whole = File.ReadAllBytes(path);
        }

        byte[] damaged = at >= 0 ? [.. whole] : whole[..Math.Max(0, whole.Length + at)];
        if (at >= 0)
            damaged[at] ^= 1;
        File.WriteAllBytes(path, damaged);
        string message = Assert.Throws<InvalidDataException>(() => TokenCache.Open(path, verify: true)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(offence, message, StringComparison.Ordinal);

        using TokenCache again = Build(text);
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_cache_of_other_content_under_this_name_is_replaced()
    {
        using TokenCache a = Build("text a"), b = Build("text b");
        byte[] whole = File.ReadAllBytes(a.Path);
        File.Move(b.Path, a.Path, overwrite: true);
        using TokenCache again = Build("text a");
        Assert.Equal(whole, File.ReadAllBytes(again.Path));
    }

    [Fact]
    public void A_missing_file_and_text_that_is_none_are_errors()
    {
        Assert.Contains("gone", Assert.Throws<FileNotFoundException>(() => TokenCache.Open(_folder.File("gone"))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Build(" \n"));
        Assert.Empty(Directory.GetFiles(Caches));
    }

    [Fact]
    public void What_a_killed_builder_left_is_removed_and_what_a_running_one_writes_is_not()
    {
        using TokenCache cache = Build("text");
        string abandoned = cache.Path + ".12345678.tmp", held = cache.Path + ".87654321.tmp", other = _folder.File("caches/other.tmp"), young = cache.Path + ".12344321.tmp";
        foreach (string file in (string[])[abandoned, held, other, young])
            File.WriteAllText(file, "half");
        foreach (string file in (string[])[abandoned, held, other])
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        using FileStream running = new(held, FileMode.Open, FileAccess.Write, FileShare.None);
        File.Delete(cache.Path);

        using TokenCache again = Build("text");
        Assert.Equal([false, true, true, true], new[] { abandoned, held, other, young }.Select(File.Exists));
    }

    [Fact]
    public async Task Builders_at_the_same_time_do_not_meet()
    {
        string text = string.Join('\n', Enumerable.Range(0, 20_000));
        DocumentFiles source = Source(text);
        int[][] ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using TokenCache cache = TokenCache.OpenOrBuild(Caches, source, _tokenizer);
            return All(cache);
        })));
        Assert.All(ids, i => Assert.Equal(ids[0], i));
        Assert.Single(Directory.GetFiles(Caches));
    }

    [Fact]
    public void Cancelling_leaves_nothing()
    {
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => TokenCache.OpenOrBuild(
            Caches, Source(string.Join('\n', Enumerable.Range(0, 900_000))), _tokenizer, new Stopping(stop), stop.Token));
        Assert.Empty(Directory.GetFiles(Caches));
    }

    /// <summary>What is alive while a text is tokenised and read does not grow with it: the larger one alone has 22 MB, and 20 MB of tokens.</summary>
    [Fact]
    public void Memory_does_not_grow_with_the_text() => Lanes.WithThreads(1, () =>
    {
        // Each thread keeps known words, some 8 MB of them at most: here one, which has as many as it takes from the start.
        PeakOf(lines: 100_000);
        long small = PeakOf(lines: 40_000), large = PeakOf(lines: 400_000);
        Assert.True(large < small + (8 << 20), $"{small >> 20} MB were alive for a small text, {large >> 20} MB for one ten times as large");
    });

    private long PeakOf(int lines)
    {
        string path = _folder.File($"{lines}.txt");
        File.WriteAllLines(path, Enumerable.Range(0, lines).Select(i => $"the number of this line is {i}, and some words follow"));
        AliveProgress alive = new();
        using TokenCache cache = TokenCache.OpenOrBuild(Caches, new DocumentFiles([path]), _tokenizer, alive);
        TokenBatches batches = new(cache, 8, 128, seed: 1);
        for (int i = 0; i < 100; i++)
            batches.Next();
        alive.Look();
        return alive.Most;
    }

    private TokenCache Build(string text, TextSplit? split = null, IProgress<TokenizingProgress>? progress = null) =>
        TokenCache.OpenOrBuild(Caches, Source(text, split), _tokenizer, progress);

    private DocumentFiles Source(string text, TextSplit? split = null) =>
        new([_folder.Write("source.txt", text)], new DocumentOptions { Split = split ?? TextSplit.AtEndOfText });

    private Tokenizer Trained(string name, int size)
    {
        string path = _folder.File(name);
        BytePairTrainer.Train(["the first one of two lines", "the last word of a document", "the number of this line is"], size).Save(path);
        return Tokenizer.Load(path);
    }

    private static int[] All(TokenCache tokens)
    {
        int[] ids = new int[tokens.Count];
        tokens.Read(0, ids);
        return ids;
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<TokenizingProgress>
    {
        public void Report(TokenizingProgress value)
        {
            if (value.Stage == TokenizingStage.Tokenizing)
                stop.Cancel();
        }
    }

    private sealed class AliveProgress : IProgress<TokenizingProgress>
    {
        private long _next;

        public long Most { get; private set; }

        public void Report(TokenizingProgress value)
        {
            if (value.Bytes < _next)
                return;
            _next = value.Bytes + (2 << 20);
            Look();
        }

        public void Look() => Most = Math.Max(Most, GC.GetTotalMemory(forceFullCollection: true));
    }
}
