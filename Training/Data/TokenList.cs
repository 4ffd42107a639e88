using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace SpikeEngine.Training.Data;

/// <summary>Ids in memory.</summary>
/// <param name="ids">The ids; not copied.</param>
/// <param name="endOfTextId">The id that ends every document, or <see langword="null"/> when the ids are a single one.</param>
public sealed class TokenList(int[] ids, int? endOfTextId = null) : ITokenStream
{
    private readonly int[] _ids = ids ?? throw new ArgumentNullException(nameof(ids));
    private string? _key;

    /// <inheritdoc/>
    public long Count => _ids.Length;

    /// <inheritdoc/>
    public int? EndOfTextId => endOfTextId;

    /// <inheritdoc/>
    public string Key => _key ??= Convert.ToHexStringLower(XxHash128.Hash(MemoryMarshal.AsBytes(_ids.AsSpan()), EndOfTextId ?? -1));

    /// <inheritdoc/>
    public void Read(long start, Span<int> ids)
    {
        TokenStreams.RequireRange(this, start, ids.Length);
        _ids.AsSpan((int)start, ids.Length).CopyTo(ids);
    }
}
