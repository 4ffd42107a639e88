using System.Globalization;

namespace SpikeEngine.Training.Data;

/// <summary>A part of another stream.</summary>
public sealed class TokenRange : ITokenStream
{
    private readonly ITokenStream _tokens;
    private readonly long _start;

    /// <summary>The ids from <paramref name="start"/> on.</summary>
    /// <param name="tokens">The whole, which stays the caller's to dispose.</param>
    /// <param name="start">The first id.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the whole.</exception>
    public TokenRange(ITokenStream tokens, long start, long count)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tokens.Count - count);
        (_tokens, _start, Count) = (tokens, start, count);
        Key = string.Create(CultureInfo.InvariantCulture, $"{tokens.Key}[{start}..{start + count}]");
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public int? EndOfTextId => _tokens.EndOfTextId;

    /// <summary>
    /// Parts a stream into one to learn from and one to be measured on, its last documents; a stream without a document start near
    /// there is cut where it is.
    /// </summary>
    /// <param name="tokens">The whole.</param>
    /// <param name="share">The share to hold out, above 0 and below 1.</param>
    public static (TokenRange Train, TokenRange Validation) HoldOut(ITokenStream tokens, double share)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);

        long held = (long)Math.Ceiling(tokens.Count * share), wanted = tokens.Count - held;
        long cut = tokens.NextStart(wanted);

        // Less than half of what was asked for is left when the last document is a long one: then it is cut.
        if (tokens.Count - cut < held / 2 || cut == tokens.Count)
            cut = wanted;
        return (new TokenRange(tokens, 0, cut), new TokenRange(tokens, cut, tokens.Count - cut));
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> ids)
    {
        TokenStreams.RequireRange(this, start, ids.Length);
        _tokens.Read(_start + start, ids);
    }
}
