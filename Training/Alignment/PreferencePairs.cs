using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>The data of a DPO run, as tokens.</summary>
public sealed class PreferencePairs
{
    private const int PairsPerTask = 16;

    /// <summary>Encodes pairs.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="encoding">Tokenizer and lengths.</param>
    /// <param name="cancellation">Stops within a moment.</param>
    /// <exception cref="ArgumentException">There are no pairs.</exception>
    public PreferencePairs(IReadOnlyList<PreferenceText> pairs, PreferenceEncoding encoding, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(encoding);
        if (pairs.Count == 0)
            throw new ArgumentException("There are no pairs.", nameof(pairs));
        var all = new Continuation[2 * pairs.Count];
        RowParallel.For(pairs.Count, PairsPerTask, (pairs, encoding, all, cancellation), static (s, start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                s.cancellation.ThrowIfCancellationRequested();
                (string prompt, string chosen, string rejected) = s.pairs[i];
                s.encoding.Encode(prompt, chosen, rejected).CopyTo(s.all, 2 * i);
            }
        });
        Continuations = all;
    }

    /// <summary>Number of pairs.</summary>
    public int Count => Continuations.Count / 2;

    /// <summary>The chosen answer of each pair, and behind it the rejected one.</summary>
    public IReadOnlyList<Continuation> Continuations { get; }

    /// <summary>Pairs whose answers are the same, perhaps since they were cut: they teach nothing.</summary>
    public int EqualCount => Enumerable.Range(0, Count).Count(i => Chosen(i).Tokens.AsSpan().SequenceEqual(Rejected(i).Tokens));

    /// <summary>The chosen answer of a pair.</summary>
    public Continuation Chosen(int pair) => Continuations[2 * pair];

    /// <summary>The rejected answer of a pair.</summary>
    public Continuation Rejected(int pair) => Continuations[2 * pair + 1];
}
