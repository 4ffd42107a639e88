using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public sealed class PerplexityTests : IDisposable
{
    private readonly TinyText _text = new();

    public void Dispose() => _text.Dispose();

    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1_000_000)]
    public void ItIsThatOfTheNaiveComputation(int window)
    {
        int[] ids = _text.Text.Ids;
        double nats = 0;
        for (int at = 0; at < ids.Length - 1; at += window)
            nats += TinyText.NaiveLosses(_text.Model, ids[at..Math.Min(at + window + 1, ids.Length)]).Sum();

        var measured = Perplexity.Measure(_text.Model, _text.Text, window, spikes: null, CancellationToken.None);

        Assert.Equal(ids.Length - 1, measured.Tokens);
        Assert.Equal(Math.Exp(nats / (ids.Length - 1)), measured.PerToken, 1e-4 * measured.PerToken);
        Assert.Equal(nats / Math.Log(2) / _text.Lines.Sum(line => line.Length + 1), measured.BitsPerByte, 1e-4);
    }

    [Fact]
    public void DocumentsSeeNothingOfThoseBeforeThem()
    {
        const int Documents = 3, Length = 20;
        int[] ids = [.. _text.Text.Ids.AsSpan(0, Documents * Length), 0];
        bool[] starts = [.. Enumerable.Range(0, ids.Length).Select(i => i % Length == 0)];
        double nats = 0;
        for (int at = 0; at < ids.Length - 1; at += Length)
            nats += TinyText.NaiveLosses(_text.Model, ids[at..(at + Length + 1)]).Sum();

        var measured = Perplexity.Measure(_text.Model, ids, 1, ids.Length, spikes: null, CancellationToken.None, starts);
        Assert.Equal(Math.Exp(nats / (ids.Length - 1)), measured.PerToken, 1e-4 * measured.PerToken);
    }

    [Fact]
    public void SpikesOfTheWholeTextAreCounted()
    {
        Mamba2LanguageModel student = TinyModels.Student(_text.Model);
        SpikeStatistics spikes = new(student.Config.LayerCount);
        Perplexity.Measure(student, _text.Text, window: 50, spikes, CancellationToken.None);

        Assert.Equal((_text.Text.Ids.Length - 1) * student.Config.DModel, spikes[0, SpikeSite.InProj].Neurons);
    }

    [Fact]
    public void CancellationStopsIt() => Assert.Throws<OperationCanceledException>(
        () => Perplexity.Measure(_text.Model, _text.Text, 50, spikes: null, new CancellationToken(canceled: true)));

    [Fact]
    public void AUnigramModelByHand()
    {
        // Counts with one added are 3, 2, 1 of 6; the first token to predict is skipped.
        Assert.Equal(Math.Sqrt(6 / 3.0 * (6 / 2.0)), UnigramModel.Perplexity([0, 0, 1], [2, 0, 1], vocabSize: 3), 1e-12);
    }
}
