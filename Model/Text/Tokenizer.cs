using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace SpikeEngine.Model.Text;

/// <summary>
/// A byte-level BPE tokenizer, loaded from a Hugging Face <c>tokenizer.json</c> (GPT-2, GPT-NeoX, or one trained here), or from <c>vocab.json</c> and
/// <c>merges.txt</c>, as OPT is published.
/// Safe to use from several threads at once.
/// </summary>
/// <remarks>
/// The order of work is Hugging Face's: added tokens that are not normalised are cut out of the raw text; the pieces are
/// brought to NFC if the file asks for it; the other added tokens are cut out; what is left is parted into words, and the
/// words' bytes are merged by rank.
/// </remarks>
public sealed class Tokenizer
{
    /// <summary>The token that parts texts.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>The one that does so in OPT's vocabulary.</summary>
    public const string OptEndOfText = "</s>";

    private readonly BpeTokenizer _bpe;
    private readonly AddedTokens _rawTokens;
    private readonly AddedTokens _normalizedTokens;
    private readonly bool _normalizesToNfc;
    private readonly byte[]?[] _bytes;        // by id; null where the vocabulary has a hole
    private readonly HashSet<int> _special;
    private readonly TextCuts _cuts;
    private readonly ConcurrentBag<WordCache> _words = [];   // as many as ever were in use at once

    private Tokenizer(TokenizerFile file)
    {
        Key = file.Key;
        _cuts = new TextCuts(file.Added.Select(t => t.Content));
        _normalizesToNfc = file.NormalizesToNfc;
        _rawTokens = new AddedTokens(file.Added.Where(t => !t.Normalized).Select(t => KeyValuePair.Create(t.Content, t.Id)));
        _normalizedTokens = new AddedTokens(file.Added.Where(t => t.Normalized)
            .Select(t => KeyValuePair.Create(Normalized(t.Content), t.Id)));
        _bpe = BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
        {
            Merges = file.Merges,
            ByteLevel = true,
        });

        VocabSize = 1 + file.Vocabulary.Values.Concat(file.Added.Select(t => t.Id)).Max();
        _bytes = new byte[VocabSize][];
        foreach ((string token, int id) in file.Vocabulary)
            _bytes[id] = ByteLevelAlphabet.ToBytes(token) ?? Encoding.UTF8.GetBytes(token);
        foreach (TokenizerFile.AddedToken token in file.Added)
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);

        _special = [.. file.Added.Where(t => t.Special).Select(t => t.Id)];
        EndOfTextId = IdOf(EndOfText, special: true) ?? IdOf(OptEndOfText, special: true) ?? IdOf(EndOfText, special: false) ?? IdOf(OptEndOfText, special: false);

        int? IdOf(string added, bool special) => file.Added.FindIndex(t => t.Content == added && t.Special == special) is var at and >= 0 ? file.Added[at].Id : null;
    }

    /// <summary>A hash of the file's bytes: what was tokenised by another file has another key. 32 hexadecimal digits.</summary>
    public string Key { get; }

    /// <summary>One more than the highest id: the rows an embedding needs, before any padding.</summary>
    public int VocabSize { get; }

    /// <summary>
    /// The id of the added token <c>&lt;|endoftext|&gt;</c>, of <c>&lt;/s&gt;</c> as in OPT's where there is none or only that is special, or
    /// <see langword="null"/> when the file has neither.
    /// </summary>
    public int? EndOfTextId { get; }

    /// <summary>Loads a <c>tokenizer.json</c>, or a <c>vocab.json</c> with the files that belong to it beside it.</summary>
    /// <param name="path">The file, or a folder that has it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or asks for something other than byte-level BPE; the message
    /// names the file and the offence.</exception>
    /// <exception cref="PlatformNotSupportedException">The file asks for NFC, and this process cannot normalise text.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TokenizerFile file = TokenizerFile.Read(path);

        // With InvariantGlobalization, or without ICU, Normalize returns its input and the ids would be silently wrong.
        if (file.NormalizesToNfc && "e\u0301".Normalize(NormalizationForm.FormC) != "\u00E9")
        {
            throw new PlatformNotSupportedException($"Tokenizer file '{path}' asks for Unicode normalisation (NFC), which this process "
                + "cannot do: install ICU, and leave InvariantGlobalization off.");
        }

        return new Tokenizer(file);
    }

    /// <summary>The ids of <paramref name="text"/>; nothing is added at its ends. A lone surrogate is read as U+FFFD.</summary>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 1);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of <paramref name="text"/>, as <see cref="Encode(string)"/> gives them, to <paramref name="ids"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Appended to.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        _rawTokens.Cut(WellFormed(text), ids, EncodeRawPiece);
    }

    /// <summary>
    /// Where a long text may be parted: the ids of the text up to there, followed by those of the rest, are the ids of the whole.
    /// Such places are in front of white space, so text that has some can be encoded piece by piece.
    /// </summary>
    /// <param name="text">The text, of which more may follow.</param>
    /// <param name="most">The place may be no further than this.</param>
    /// <returns>The last such place up to <paramref name="most"/>; 0 when there is none.</returns>
    public int LastCut(ReadOnlySpan<char> text, int most) => _cuts.Last(text, most);

    /// <summary>
    /// The text of <paramref name="ids"/>. Bytes that are not valid UTF-8 become U+FFFD; ids outside the vocabulary (models
    /// pad their embeddings) give nothing.
    /// </summary>
    /// <param name="ids">The ids, in order.</param>
    /// <param name="skipSpecialTokens">Leave out tokens marked as special, such as the end of the text.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (int id in ids)
            bytes.AddRange(BytesOf(id, skipSpecialTokens));
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>The bytes that <paramref name="id"/> stands for: none when it is outside the vocabulary or left out.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecialTokens) =>
        (uint)id >= (uint)_bytes.Length || (skipSpecialTokens && _special.Contains(id)) ? default : _bytes[id];

    private void EncodeRawPiece(ReadOnlySpan<char> text, List<int> ids)
    {
        if (_normalizesToNfc && !Ascii.IsValid(text))
            _normalizedTokens.Cut(Normalized(text.ToString()), ids, EncodePlain);
        else
            _normalizedTokens.Cut(text, ids, EncodePlain);
    }

    /// <summary>Word by word: the library's own cache of words is shared by all threads, which would wait for each other.</summary>
    private void EncodePlain(ReadOnlySpan<char> text, List<int> ids)
    {
        if (!_words.TryTake(out WordCache? words))
            words = new WordCache(word => _bpe.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        while (!text.IsEmpty)
        {
            int length = Gpt2Words.NextLength(text);
            words.Append(text[..length], ids);
            text = text[length..];
        }

        _words.Add(words);
    }

    private string Normalized(string text) => _normalizesToNfc ? text.Normalize(NormalizationForm.FormC) : text;

    /// <summary>Half a surrogate pair has no UTF-8 form, and Normalize throws at it.</summary>
    private static ReadOnlySpan<char> WellFormed(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var wellFormed = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            wellFormed.Append(rune);
        return wellFormed.ToString();
    }
}
