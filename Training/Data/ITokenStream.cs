using System.Diagnostics.CodeAnalysis;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Text as ids, one document after the other, each followed by the end-of-text id. Safe to read from several threads.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "Tokens come in a stream, which is no System.IO.Stream.")]
public interface ITokenStream
{
    /// <summary>Number of ids.</summary>
    long Count { get; }

    /// <summary>What identifies the content: streams of the same ids have the same key. Saved with a run, to continue on no other text.</summary>
    string Key { get; }

    /// <summary>The id that ends every document, or <see langword="null"/> when the stream is a single one.</summary>
    int? EndOfTextId { get; }

    /// <summary>Copies the ids from <paramref name="start"/> on.</summary>
    /// <param name="start">The first.</param>
    /// <param name="ids">Filled.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them lie within the stream.</exception>
    void Read(long start, Span<int> ids);
}
