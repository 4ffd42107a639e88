using System.Text;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Documents as ids, each followed by the end-of-text id, on <see cref="RowParallel.Threads"/> threads. The ids are those of each document
/// encoded as a whole, and do not depend on the number of threads; memory does not grow with the documents, be they many or long.
/// </summary>
/// <remarks>A stretch of a million characters that has no white space is cut where it is, and may get other ids around the cut.</remarks>
internal sealed class DocumentEncoder
{
    private const int BatchChars = 1 << 22;
    private const int PieceChars = 1 << 15;
    private const int MostPieceChars = 1 << 20;

    private readonly Tokenizer _tokenizer;
    private readonly int _end;
    private readonly List<(int Start, int Length, bool Ends)> _pieces = [];
    private readonly List<int> _firstPieces = [];   // of each job: jobs are pieces of together PieceChars
    private readonly List<List<int>> _ids = [];     // by job; used again
    private char[] _text = new char[2 * MostPieceChars];
    private int _length;
    private int _open;                              // where the text begins that belongs to no piece yet
    private bool _within;                           // a document is not yet ended

    /// <summary>An encoder for one run over documents.</summary>
    /// <exception cref="ArgumentException">The tokenizer has no end-of-text token.</exception>
    public DocumentEncoder(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _end = tokenizer.EndOfTextId
            ?? throw new ArgumentException($"The tokenizer has no {Tokenizer.EndOfText} token, nor {Tokenizer.OptEndOfText}, to part the documents with.", nameof(tokenizer));
    }

    /// <summary>Documents so far.</summary>
    public long Documents { get; private set; }

    /// <summary>UTF-8 bytes of the documents so far.</summary>
    public long Utf8Bytes { get; private set; }

    /// <summary>The ids, in order, some at a time; a list is filled anew once the next is asked for.</summary>
    /// <param name="parts">The documents.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public IEnumerable<List<int>> Encode(IEnumerable<DocumentPart> parts, CancellationToken cancellation)
    {
        foreach (DocumentPart part in parts)
        {
            if (part.Begins)
                Begin();
            Append(part.Text);
            if (_length < BatchChars)
                continue;
            foreach (List<int> ids in EncodeBatch(cancellation))
                yield return ids;
        }

        EndDocument();
        foreach (List<int> ids in EncodeBatch(cancellation))
            yield return ids;
    }

    private void Begin()
    {
        EndDocument();
        _within = true;
        Documents++;
    }

    private void EndDocument()
    {
        if (_within)
            Close(_length - _open, ends: true);
        _within = false;
    }

    private void Append(string text)
    {
        Utf8Bytes += Encoding.UTF8.GetByteCount(text);
        if (_length + text.Length > _text.Length)
            Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + text.Length));
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;

        while (_length - _open > PieceChars)
        {
            ReadOnlySpan<char> rest = _text.AsSpan(_open, _length - _open);
            int cut = _tokenizer.LastCut(rest, PieceChars);
            if (cut == 0)
                cut = _tokenizer.LastCut(rest, MostPieceChars);
            if (cut == 0 && rest.Length > MostPieceChars)
                cut = MostPieceChars - (char.IsHighSurrogate(rest[MostPieceChars - 1]) ? 1 : 0);
            if (cut == 0)
                break;
            Close(cut, ends: false);
        }
    }

    private void Close(int length, bool ends)
    {
        int first = _firstPieces.Count > 0 ? _firstPieces[^1] : 0;
        if (_firstPieces.Count == 0 || _open - _pieces[first].Start >= PieceChars)
            _firstPieces.Add(_pieces.Count);
        _pieces.Add((_open, length, ends));
        _open += length;
    }

    private IEnumerable<List<int>> EncodeBatch(CancellationToken cancellation)
    {
        while (_ids.Count < _firstPieces.Count)
            _ids.Add([]);
        RowParallel.For(_firstPieces.Count, 1, (Encoder: this, cancellation), static (s, job, _) => s.Encoder.EncodeJob(job, s.cancellation), heavy: true);
        for (int job = 0; job < _firstPieces.Count; job++)
            yield return _ids[job];

        _text.AsSpan(_open, _length - _open).CopyTo(_text);
        (_length, _open) = (_length - _open, 0);
        _pieces.Clear();
        _firstPieces.Clear();
    }

    private void EncodeJob(int job, CancellationToken cancellation)
    {
        List<int> ids = _ids[job];
        ids.Clear();
        int last = job + 1 < _firstPieces.Count ? _firstPieces[job + 1] : _pieces.Count;
        for (int i = _firstPieces[job]; i < last; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            (int start, int length, bool ends) = _pieces[i];
            _tokenizer.Encode(_text.AsSpan(start, length), ids);
            if (ends)
                ids.Add(_end);
        }
    }
}
