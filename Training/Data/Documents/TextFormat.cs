using System.Text;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>Plain text in UTF-8, parted by <see cref="DocumentOptions.Split"/>.</summary>
public sealed class TextFormat : IDocumentFormat
{
    // A document longer than this comes in parts.
    private const int PartBytes = 1 << 20;

    private static readonly char[] s_lineEnds = ['\r', '\n'];

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".txt", ".txt.gz", ".md", ".md.gz"];

    /// <inheritdoc/>
    public string Key(DocumentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return $"text-1 {options.Split}";
    }

    /// <inheritdoc/>
    public IEnumerable<DocumentPart> Read(string path, DocumentOptions options, IProgress<long>? bytes)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        IEnumerable<(string Text, bool Complete)> pieces =
            SourceFile.Pieces(path, Encoding.UTF8.GetBytes(options.Split.Separator), PartBytes, bytes);
        return options.Split == TextSplit.BlankLines ? Paragraphs(pieces) : Separated(pieces, trims: options.Split != TextSplit.WholeFile);
    }

    private static IEnumerable<DocumentPart> Separated(IEnumerable<(string Text, bool Complete)> pieces, bool trims)
    {
        // Line ends are held back until it is known that text follows.
        string held = "";
        bool begins = true;
        foreach ((string piece, bool complete) in pieces)
        {
            string text = trims && begins ? piece.TrimStart(s_lineEnds) : piece;
            if (trims)
            {
                string trimmed = text.TrimEnd(s_lineEnds);
                (text, held) = trimmed.Length > 0 ? (held + trimmed, text[trimmed.Length..]) : ("", begins ? "" : held + text);
            }

            if (text.Length > 0 && !(begins && complete && string.IsNullOrWhiteSpace(text)))
            {
                yield return new DocumentPart(text, begins);
                begins = false;
            }

            if (complete)
                (begins, held) = (true, "");
        }
    }

    private static IEnumerable<DocumentPart> Paragraphs(IEnumerable<(string Text, bool Complete)> lines)
    {
        bool begins = true, atLineStart = true;
        foreach ((string line, bool complete) in lines)
        {
            if (atLineStart && complete && string.IsNullOrWhiteSpace(line))
            {
                begins = true;
                continue;
            }

            string text = complete && line.EndsWith('\r') ? line[..^1] : line;
            yield return new DocumentPart(atLineStart && !begins ? "\n" + text : text, begins);
            (begins, atLineStart) = (false, complete);
        }
    }
}
