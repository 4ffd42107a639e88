using System.Text;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Tokenization;

/// <summary>A byte-level BPE vocabulary: the end-of-text token, the 256 bytes, then one token for each merge.</summary>
public sealed class BytePairVocabulary
{
    /// <summary>The one special token; its id is 0.</summary>
    public const string EndOfText = Tokenizer.EndOfText;

    private const int FirstByteId = 1;

    private readonly List<string> _tokens = [EndOfText];
    private readonly List<(string Left, string Right)> _merges = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    internal BytePairVocabulary()
    {
        for (int value = 0; value < 256; value++)
            Add(ByteLevelAlphabet.ToChar((byte)value).ToString());
    }

    /// <summary>The tokens in the byte-level alphabet; the index is the id.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The merges, the first learnt first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges => _merges;

    /// <summary>Writes a Hugging Face <c>tokenizer.json</c>, replacing a file of that name only when all of it is on disk.</summary>
    /// <param name="path">The file to write.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream => TokenizerJson.Write(
            stream, _tokens.Select((token, id) => (token, id)), _merges.Select(merge => $"{merge.Left} {merge.Right}"), [new(EndOfText, Id: 0, Special: true, Normalized: false)]));
    }

    /// <summary>The ids of a word's UTF-8 bytes, before any merge.</summary>
    internal static int[] IdsOfBytes(string word) => Array.ConvertAll(Encoding.UTF8.GetBytes(word), b => FirstByteId + b);

    /// <summary>Adds a merge and returns the id of the token it makes. Two merges may make the same token.</summary>
    internal int AddMerge(int left, int right)
    {
        _merges.Add((_tokens[left], _tokens[right]));
        string token = _tokens[left] + _tokens[right];
        return _ids.TryGetValue(token, out int id) ? id : Add(token);
    }

    private int Add(string token)
    {
        _tokens.Add(token);
        return _ids[token] = _tokens.Count - 1;
    }
}
