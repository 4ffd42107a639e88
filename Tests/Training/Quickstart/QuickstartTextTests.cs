using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Tests.Training.Quickstart;

public sealed class QuickstartTextTests
{
    [Fact]
    public void A_short_text_is_used_whole_and_a_long_one_evenly()
    {
        string[] lines = [.. Enumerable.Range(0, 1000).Select(i => $"line {i:D4}")];
        Assert.Same(lines, LineSample.Evenly(lines, 9000));
        IReadOnlyList<string> sample = LineSample.Evenly(lines, 900);
        Assert.Equal(100, sample.Count);
        Assert.Equal(["line 0000", "line 0010", "line 0020"], sample.Take(3));
        Assert.Equal(sample.Count, sample.Distinct().Count());
    }

    [Fact]
    public void Paragraphs_are_cut_into_sentences_for_the_cloze_test()
    {
        string[] paragraphs = [.. Enumerable.Range(0, 5).Select(p => string.Join(' ', Enumerable.Range(0, 6).Select(
            s => $"Sentence number and quite a few words of {s} in {p} in it.")))];
        Assert.Throws<ArgumentException>(() => Cloze.MakeItems(paragraphs, 20, seed: 1));
        IReadOnlyList<ClozeItem> items = ClozeLines.MakeItems(paragraphs, 20, seed: 1);
        Assert.Equal(20, items.Count);
        Assert.All(items, item => Assert.StartsWith("Sentence number", item.Context, StringComparison.Ordinal));
        Assert.All(items, item => Assert.EndsWith("in it.", item.Choices[item.Answer], StringComparison.Ordinal));
    }
}
