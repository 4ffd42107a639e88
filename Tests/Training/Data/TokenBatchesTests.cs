using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public class TokenBatchesTests
{
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 103)];

    [Fact]
    public void TargetsAreTheNextTokens()
    {
        TokenBatch batch = new TokenBatches(new TokenList(s_tokens), batchSize: 3, length: 10, seed: 1).Next();
        Assert.Equal(3, batch.BatchSize);
        Assert.Equal(30, batch.Inputs.Length);
        Assert.Equal(batch.Inputs.Select(token => token + 1), batch.Targets);
        Assert.All(batch.Inputs.Chunk(10), sequence => Assert.Equal(Enumerable.Range(sequence[0], 10), sequence));
    }

    [Fact]
    public void APassVisitsEachWindowOnce()
    {
        // Wherever the cuts lie, a pass over 103 tokens has at least nine windows of ten.
        TokenBatches batches = new(new TokenList(s_tokens), batchSize: 9, length: 10, seed: 1);
        int[] starts = [.. batches.Next().Inputs.Where((_, i) => i % 10 == 0)];
        Assert.Equal(9, starts.Distinct().Count());
        Assert.Single(starts.Select(start => start % 10).Distinct());
    }

    [Fact]
    public void ManyPassesCoverTheText()
    {
        TokenBatches batches = new(new TokenList(s_tokens), batchSize: 4, length: 10, seed: 1);
        HashSet<int> seen = [];
        for (int i = 0; i < 100; i++)
        {
            TokenBatch batch = batches.Next();
            seen.UnionWith(batch.Inputs);
            seen.UnionWith(batch.Targets);
        }

        Assert.Equal(s_tokens, seen.Order());
    }

    [Fact]
    public void ASeedRepeatsTheOrder()
    {
        int[] Draw(ulong seed) => [.. Enumerable.Repeat(new TokenBatches(new TokenList(s_tokens), 2, 10, seed), 30).SelectMany(b => b.Next().Inputs)];
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
    }

    [Fact]
    public void ATextOfOneWindowIsEnoughAndLessIsNot()
    {
        Assert.Equal([0, 1, 2], new TokenBatches(new TokenList([0, 1, 2, 3]), 1, 3, seed: 1).Next().Inputs);
        Assert.Throws<ArgumentException>(() => new TokenBatches(new TokenList([0, 1, 2]), 1, 3, seed: 1));
    }

    [Fact]
    public void Starts_mark_the_documents_only_when_asked()
    {
        int[] ids = [.. Enumerable.Range(0, 103).Select(i => i % 7)];
        TokenBatches batches = new(new TokenList(ids, endOfTextId: 6), 4, 10, seed: 1, resetState: true);
        for (int i = 0; i < 20; i++)
        {
            TokenBatch batch = batches.Next();
            Assert.Equal(batch.Inputs.Select(id => id == 0), batch.Starts!);
        }

        Assert.Null(new TokenBatches(new TokenList(ids, endOfTextId: 6), 4, 10, seed: 1).Next().Starts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(37)]
    public void A_restored_position_goes_on_as_if_never_stopped(int before)
    {
        TokenBatches whole = New(), first = New(), second = New();
        for (int i = 0; i < before; i++)
            Assert.Equal(whole.Next().Inputs, first.Next().Inputs);
        SavedState saved = SavedState.Of(first);
        second.Next();
        saved.Restore(second);

        Assert.Equal(whole.Pass, second.Pass);
        for (int i = 0; i < 30; i++)
            Assert.Equal(whole.Next().Inputs, second.Next().Inputs);

        static TokenBatches New() => new(new TokenList(s_tokens), 2, 10, seed: 3);
    }

    [Fact]
    public void A_position_belongs_to_its_text_seed_and_length()
    {
        SavedState saved = SavedState.Of(new TokenBatches(new TokenList(s_tokens), 2, 10, seed: 3));
        foreach ((TokenBatches other, string what) in new[]
        {
            (new TokenBatches(new TokenList(s_tokens[1..]), 2, 10, seed: 3), "data is"),
            (new TokenBatches(new TokenList(s_tokens), 2, 10, seed: 4), "seed is '3'"),
            (new TokenBatches(new TokenList(s_tokens), 2, 11, seed: 3), "length is '10'"),
        })
            Assert.Contains(what, Assert.Throws<InvalidDataException>(() => saved.Restore(other)).Message, StringComparison.Ordinal);
        saved.Restore(new TokenBatches(new TokenList(s_tokens), 5, 10, seed: 3));
    }

    [Fact]
    public void A_position_that_cannot_be_is_refused()
    {
        TokenBatches batches = new(new TokenList(s_tokens), 2, 10, seed: 3);
        foreach ((string name, long value) in new[] { ("pass", -1L), ("window", 11L), ("window", -1L) })
        {
            SavedState saved = SavedState.Of(batches);
            saved.Values[name] = value;
            Assert.Throws<InvalidDataException>(() => saved.Restore(new TokenBatches(new TokenList(s_tokens), 2, 10, seed: 3)));
        }
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        TokenBatches batches = new(new TokenList(s_tokens, endOfTextId: 6), 4, 10, seed: 1, resetState: true);
        Assert.Equal(0, Allocated.ByOne(() =>
        {
            for (int i = 0; i < 100; i++)
                batches.Next();
        }));
    }
}
