using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public sealed class RequestEncoderTests : IDisposable
{
    private readonly TinyText _text = new();

    [Fact]
    public void TheWholeIsTokenizedOnceAndPartedWhereTheContextEnds()
    {
        Continuation pair = Encode("the cat sleeps", " quietly in the garden");
        Assert.Equal(_text.Tokenizer.Encode("the cat sleeps"), pair.Context);
        Assert.Equal(_text.Tokenizer.Encode("the cat sleeps quietly in the garden")[pair.Context.Length..], pair.Tokens);
    }

    [Theory]
    [InlineData("the cat ", "sleeps")]
    [InlineData("the cat", " sleeps")]
    public void BlanksAtTheEndOfAContextBelongToTheContinuation(string context, string continuation)
    {
        Continuation pair = Encode(context, continuation);
        Assert.Equal(_text.Tokenizer.Encode("the cat"), pair.Context);
        Assert.Equal(_text.Tokenizer.Encode("the cat sleeps")[pair.Context.Length..], pair.Tokens);
    }

    [Fact]
    public void AnEmptyContextIsTheTokenThatPartsTexts()
    {
        Continuation pair = Encode("", " the cat");
        Assert.Equal([_text.Tokenizer.EndOfTextId!.Value], pair.Context);
        Assert.Equal(_text.Tokenizer.Encode(" the cat"), pair.Tokens);
        Assert.Equal(pair.Context, Encode("  ", "the cat").Context);
    }

    [Fact]
    public void WhatIsLongerThanAWindowLosesItsBeginning()
    {
        Continuation whole = Encode("the cat sleeps quietly in the garden", " until the sun");
        int window = whole.Tokens.Length + 2;
        Continuation cut = new RequestEncoder(_text.Tokenizer, window).Encode(new LikelihoodRequest("the cat sleeps quietly in the garden", " until the sun"));
        Assert.Equal(whole.Context[^3..], cut.Context);
        Assert.Equal(whole.Tokens, cut.Tokens);
        Assert.Equal(window, ContinuationBatch.Length(cut));
    }

    [Fact]
    public void AContinuationThatIsNoneOrTooLongIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Encode("the cat", ""));
        Assert.Throws<ArgumentException>(() => new RequestEncoder(_text.Tokenizer, 2).Encode(new LikelihoodRequest("the", " cat sleeps quietly in the garden")));
    }

    [Fact]
    public void ManyRequestsGiveWhatEachGivesAlone()
    {
        LikelihoodRequest[] requests = [new("the cat", " sleeps"), new("the cat", " sings"), new("", " a"), new("", " b"), new("every bird", " sings")];
        RequestEncoder encoder = new(_text.Tokenizer, 100);
        foreach (LikelihoodRequest request in requests)
        {
            (int[] context, int[] tokens) = encoder.Encode(request);
            (int[] alone, int[] tokensAlone) = Encode(request.Context, request.Continuation);
            Assert.Equal(alone, context);
            Assert.Equal(tokensAlone, tokens);
        }
    }

    public void Dispose() => _text.Dispose();

    private Continuation Encode(string context, string continuation) =>
        new RequestEncoder(_text.Tokenizer, 100).Encode(new LikelihoodRequest(context, continuation));
}
