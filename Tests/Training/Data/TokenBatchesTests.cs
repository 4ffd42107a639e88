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
}
