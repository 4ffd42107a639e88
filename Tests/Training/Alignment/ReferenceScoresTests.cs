using SpikeEngine.Model;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Alignment;

public sealed class ReferenceScoresTests : IDisposable
{
    private readonly ToyPreferences _toy = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void TheyAreThoseOfEachCompletionAlone()
    {
        Mamba2LanguageModel model = _toy.Policy();
        ReferenceScores scores = Compute(model);
        Assert.Equal(_toy.Pairs.Continuations.Count, scores.Count);
        for (int i = 0; i < scores.Count; i++)
        {
            (int[] context, int[] tokens) = _toy.Pairs.Continuations[i];
            Assert.Equal(-TinyText.NaiveLosses(model, [.. context, .. tokens]).TakeLast(tokens.Length).Sum(), scores[i], 1e-3);
        }
    }

    [Fact]
    public void TheyAreReadTheSecondTime()
    {
        ReferenceScores first = Compute(_toy.Policy()), second = Compute(_toy.Policy());
        Assert.False(first.FromCache);
        Assert.True(second.FromCache);
        Assert.Equal(Values(first), Values(second));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void OtherWeightsNeuronsOrDataAreComputedAnew()
    {
        string key = Compute(_toy.Policy()).Key;
        Mamba2LanguageModel moved = _toy.Policy();
        moved.Embedding.Values[0] += 1f;
        ReferenceScores[] others = [Compute(moved), Compute(_toy.Policy(spiking: true)), Compute(_toy.Policy(), [.. _toy.Pairs.Continuations.Skip(2)])];
        Assert.All(others, other => Assert.False(other.FromCache || other.Key == key));
    }

    [Fact]
    public void ADamagedFileIsComputedAnew()
    {
        ReferenceScores first = Compute(_toy.Policy());
        string path = Directory.GetFiles(_folder.Path).Single();
        byte[] bytes = File.ReadAllBytes(path);
        foreach (byte[] damaged in new[] { [], bytes[..30], bytes[..^1], [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] })
        {
            File.WriteAllBytes(path, damaged);
            ReferenceScores again = Compute(_toy.Policy());
            Assert.False(again.FromCache);
            Assert.Equal(Values(first), Values(again));
            Assert.Equal(bytes, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void AModelThatIsBrokenIsRefused()
    {
        Mamba2LanguageModel model = _toy.Policy();
        model.NormF.Parameters().First().Values.Fill(float.NaN);
        Assert.Contains("NaN", Assert.Throws<InvalidDataException>(() => Compute(model)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    public void Dispose()
    {
        _toy.Dispose();
        _folder.Dispose();
    }

    private ReferenceScores Compute(Mamba2LanguageModel model, IReadOnlyList<Continuation>? continuations = null) =>
        ReferenceScores.Compute(model, continuations ?? _toy.Pairs.Continuations, _folder.Path, CancellationToken.None);

    private static float[] Values(ReferenceScores scores) => [.. Enumerable.Range(0, scores.Count).Select(i => scores[i])];
}
