using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Alignment;

public sealed class PreferenceEncodingTests : IDisposable
{
    private readonly TinyText _text = new();

    private int End => _text.Tokenizer.EndOfTextId!.Value;

    [Fact]
    public void PromptAndCompletionAreTokenisedApartAndTheTextEnds()
    {
        Continuation encoded = new PreferenceEncoding(_text.Tokenizer).Encode("the ca", "t sleeps")[0];
        Assert.Equal(_text.Tokenizer.Encode("the ca"), encoded.Context);
        Assert.Equal([.. _text.Tokenizer.Encode("t sleeps"), End], encoded.Tokens);
    }

    [Fact]
    public void APromptIsCutFromTheLeftAsFarAsTheLongerAnswerNeeds()
    {
        int[] prompt = _text.Tokenizer.Encode(_text.Lines[0]), answer = _text.Tokenizer.Encode(" in the garden");
        PreferenceEncoding encoding = new(_text.Tokenizer, prompt.Length + answer.Length - 1, 1);
        Continuation[] both = encoding.Encode(_text.Lines[0], " in", " in the garden");
        Assert.All(both, c => Assert.Equal(prompt[2..], c.Context));
        Assert.Equal([.. answer, End], both[1].Tokens);
        Assert.Equal([.. _text.Tokenizer.Encode(" in"), End], both[0].Tokens);
    }

    [Fact]
    public void ThenACompletionIsCutFromTheRightAndDoesNotEnd()
    {
        int[] prompt = _text.Tokenizer.Encode(_text.Lines[0]), answer = _text.Tokenizer.Encode(_text.Lines[1]);
        Continuation[] both = new PreferenceEncoding(_text.Tokenizer, 6, 2).Encode(_text.Lines[0], _text.Lines[1], " in");
        Assert.All(both, c => Assert.Equal(prompt[^2..], c.Context));
        Assert.Equal(answer[..4], both[0].Tokens);
        Assert.Equal(End, both[1].Tokens[^1]);
        // A prompt shorter than its share leaves the rest to the completion.
        Continuation small = new PreferenceEncoding(_text.Tokenizer, 6, 4).Encode("th", _text.Lines[1])[0];
        Assert.True(small.Context.Length < 4);
        Assert.Equal(6, small.Context.Length + small.Tokens.Length);
    }

    [Theory]
    [InlineData(1, null, "MaxLength is 1")]
    [InlineData(8, 0, "MaxPromptLength is 0")]
    [InlineData(8, 8, "MaxPromptLength is 8")]
    public void LengthsOutOfRangeAreNamed(int length, int? promptLength, string offence) => Assert.StartsWith(
        offence, Assert.Throws<ArgumentException>(() => new PreferenceEncoding(_text.Tokenizer, length, promptLength)).Message, StringComparison.Ordinal);

    [Fact]
    public void PairsKeepTheirOrderAndEqualAnswersAreCounted()
    {
        PreferenceEncoding encoding = new(_text.Tokenizer);
        PreferencePairs pairs = new(
            [.. Enumerable.Range(0, 40).Select(i => new PreferenceText(_text.Lines[i], " in", i < 3 ? " in" : " on the roof"))], encoding, CancellationToken.None);
        Assert.Equal(40, pairs.Count);
        Assert.Equal(3, pairs.EqualCount);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(_text.Tokenizer.Encode(_text.Lines[i]), pairs.Rejected(i).Context);
            Assert.Equal([.. _text.Tokenizer.Encode(" in"), End], pairs.Chosen(i).Tokens);
        }
    }

    [Fact]
    public void MismatchedCompletionsBelongToOtherPromptsAndAreOfBothKinds()
    {
        PreferenceText[] pairs = [.. _text.Lines.Select((line, i) => new PreferenceText(line[..(4 + i % 20)], $" in {i}", $" on {i}"))];
        LabelledCompletions examples = new(
            [.. pairs.SelectMany(p => new[] { new LabelledText(p.Prompt, p.Chosen, true), new LabelledText(p.Prompt, p.Rejected, false) })],
            new PreferenceEncoding(_text.Tokenizer), CancellationToken.None);
        Dictionary<string, int> numbers = Enumerable.Range(0, examples.Count).ToDictionary(i => string.Join(' ', examples.Own(i).Tokens));
        int[] partners = [.. Enumerable.Range(0, examples.Count).Select(i => numbers[string.Join(' ', examples.Mismatched(i).Tokens)])];

        for (int i = 0; i < partners.Length; i++)
        {
            Assert.Equal(examples.Own(i).Context, examples.Mismatched(i).Context);
            Assert.NotEqual(pairs[i / 2].Prompt, pairs[partners[i] / 2].Prompt);
        }

        Assert.InRange(partners.Average(p => examples.IsDesirable(p) ? 1.0 : 0.0), 0.4, 0.6);
        Assert.True(partners.Distinct().Count() > 0.9 * partners.Length);
    }

    [Fact]
    public void OfOnePromptOnlyThePartnersAreStillOtherExamples()
    {
        LabelledCompletions examples = Examples(["the", "the", "the"], [" in", " on", " near"]);
        Assert.Equal(2, examples.DesirableCount);
        Assert.Equal(
            Enumerable.Range(0, 3).Select(i => string.Join(' ', examples.Own(i).Tokens)).Order(),
            Enumerable.Range(0, 3).Select(i => string.Join(' ', examples.Mismatched(i).Tokens)).Order());
        for (int i = 0; i < 3; i++)
            Assert.NotEqual(examples.Own(i).Tokens, examples.Mismatched(i).Tokens);
    }

    [Fact]
    public void OneExampleIsTooFewForKtoAndNoneForDpo()
    {
        Assert.Contains("at least two", Assert.Throws<ArgumentException>(() => Examples(["the"], [" in"])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PreferencePairs([], new PreferenceEncoding(_text.Tokenizer), CancellationToken.None));
    }

    public void Dispose() => _text.Dispose();

    private LabelledCompletions Examples(string[] prompts, string[] answers) => new(
        [.. prompts.Zip(answers, (p, a) => (p, a)).Select((x, i) => new LabelledText(x.p, x.a, i % 2 == 0))],
        new PreferenceEncoding(_text.Tokenizer), CancellationToken.None);
}
