using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public sealed class ClozeTests : IDisposable
{
    private readonly TinyText _text = new();

    public void Dispose() => _text.Dispose();

    [Fact]
    public void TheSameSeedMakesTheSameItems()
    {
        static string[] Flat(IReadOnlyList<ClozeItem> items) => [.. items.Select(i => $"{i.Context}|{string.Join('|', i.Choices)}|{i.Answer}")];
        Assert.Equal(Flat(Cloze.MakeItems(_text.Lines, 40, seed: 1)), Flat(Cloze.MakeItems(_text.Lines, 40, seed: 1)));
        Assert.NotEqual(Flat(Cloze.MakeItems(_text.Lines, 40, seed: 1)), Flat(Cloze.MakeItems(_text.Lines, 40, seed: 2)));
    }

    [Fact]
    public void TheAnswerContinuesItsLineAndTheOthersDiffer() => Assert.All(Cloze.MakeItems(_text.Lines, 75, seed: 1), item =>
    {
        Assert.Contains(item.Context + item.Choices[item.Answer], _text.Lines);
        Assert.Equal(4, item.Choices.Distinct().Count());
    });

    [Fact]
    public void AnswersAreAtEveryPlace()
    {
        IReadOnlyList<ClozeItem> items = Cloze.MakeItems(_text.Lines, 75, seed: 1);
        Assert.All(Enumerable.Range(0, 4), place => Assert.InRange(items.Count(item => item.Answer == place), 8, 34));
    }

    [Fact]
    public void NoLineIsUsedTwiceAndShortOnesNever()
    {
        string[] lines = [.. _text.Lines, "too short", string.Join(' ', Enumerable.Repeat("long", 41))];
        IReadOnlyList<ClozeItem> items = Cloze.MakeItems(lines, 500, seed: 1);
        Assert.Equal(_text.Lines.Order(), items.Select(item => item.Context + item.Choices[item.Answer]).Order());
    }

    [Fact]
    public void TooFewLinesOrEndingsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Cloze.MakeItems([.. _text.Lines.Take(3)], 10, seed: 1));
        Assert.Throws<ArgumentException>(() => Cloze.MakeItems([.. Enumerable.Repeat("the same eight words again and again here", 9)], 10, seed: 1));
    }

    [Fact]
    public void TheAccuracyIsThatOfTheNaiveComputation()
    {
        IReadOnlyList<ClozeItem> items = Cloze.MakeItems(_text.Lines, 20, seed: 1);
        double accuracy = items.Average(item =>
        {
            int[] context = _text.Tokenizer.Encode(item.Context);
            double[] scores = [.. item.Choices.Select(choice =>
            {
                int[] tokens = _text.Tokenizer.Encode(choice);
                return -TinyText.NaiveLosses(_text.Model, [.. context, .. tokens]).TakeLast(tokens.Length).Sum() / choice.Length;
            })];
            return Array.IndexOf(scores, scores.Max()) == item.Answer ? 1.0 : 0.0;
        });

        ClozeResult result = Cloze.Measure(new Mamba2Decoder(_text.Model), _text.Tokenizer, items, CancellationToken.None);

        Assert.Equal(accuracy, result.Accuracy, 1e-12);
        Assert.Equal(Math.Sqrt(accuracy * (1 - accuracy) / 19), result.StandardError, 1e-12);
        Assert.Equal(20, result.Items);
    }
}
