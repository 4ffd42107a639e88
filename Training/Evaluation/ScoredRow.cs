namespace SpikeEngine.Training.Evaluation;

/// <summary>One sequence of a forward pass, and what is asked about it.</summary>
/// <param name="Inputs">What the model reads.</param>
/// <param name="Asked">At which input which token is predicted, and for which continuation that counts.</param>
internal sealed record ScoredRow(ReadOnlyMemory<int> Inputs, IReadOnlyList<(int Position, int Target, int Continuation)> Asked)
{
    /// <summary>A continuation behind its context, from an empty state.</summary>
    public static ScoredRow Whole(Continuation continuation, int index) => new(
        (int[])[.. continuation.Context, .. continuation.Tokens.AsSpan(0, continuation.Tokens.Length - 1)],
        [.. continuation.Tokens.Select((token, i) => (continuation.Context.Length - 1 + i, token, index))]);

    /// <summary>A context that several continuations follow: it predicts the first token of each.</summary>
    public static ScoredRow Context(int[] context, IReadOnlyList<int> indices, IReadOnlyList<Continuation> continuations) =>
        new(context, [.. indices.Select(i => (context.Length - 1, continuations[i].Tokens[0], i))]);

    /// <summary>The rest of a continuation, from the state behind its context.</summary>
    public static ScoredRow Rest(Continuation continuation, int index) => new(
        continuation.Tokens.AsMemory(0, continuation.Tokens.Length - 1), [.. continuation.Tokens.Skip(1).Select((token, i) => (i, token, index))]);
}
