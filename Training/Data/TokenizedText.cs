using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>Lines as one stream of ids, each line followed by the end-of-text id.</summary>
public sealed class TokenizedText
{
    private TokenizedText(int[] ids, int lineCount, long utf8Bytes)
    {
        Ids = ids;
        LineCount = lineCount;
        Utf8Bytes = utf8Bytes;
    }

    /// <summary>The ids of all lines, in order.</summary>
    public int[] Ids { get; }

    /// <summary>How many lines, and so how many end-of-text ids that were not in the text.</summary>
    public int LineCount { get; }

    /// <summary>UTF-8 bytes of the lines, without line ends.</summary>
    public long Utf8Bytes { get; }

    /// <summary>Bytes of text per id, end-of-text ids counted; 0 without any.</summary>
    public double BytesPerToken => Ids.Length == 0 ? 0 : (double)Utf8Bytes / Ids.Length;

    /// <summary>Encodes lines on <see cref="RowParallel.Threads"/> threads; the result does not depend on how many there are.</summary>
    /// <param name="tokenizer">A tokenizer with an end-of-text token.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="cancellation">Stops between two groups of lines.</param>
    /// <exception cref="ArgumentException">The tokenizer has no end-of-text token.</exception>
    public static TokenizedText Encode(Tokenizer tokenizer, IReadOnlyList<string> lines, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(lines);
        var encoder = new DocumentEncoder(tokenizer);
        List<int> all = [];
        foreach (List<int> ids in encoder.Encode(lines.Select(line => new DocumentPart(line, Begins: true)), cancellation))
            all.AddRange(ids);
        return new TokenizedText([.. all], lines.Count, encoder.Utf8Bytes);
    }
}
