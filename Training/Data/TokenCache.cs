using System.Globalization;
using System.IO.Hashing;
using System.Text;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Tokens of documents, tokenised once into a memory-mapped file whose name has the key of content and tokenizer. Using it takes memory
/// that does not depend on its size.
/// </summary>
public sealed class TokenCache : ITokenStream, IDisposable
{
    /// <summary>Name of the environment variable for the folder of caches.</summary>
    public const string FolderVariable = "SPIKE_CACHE";

    private const int BlockSize = 1 << 20;

    private readonly MappedTokens _tokens;
    private readonly TokenCacheHeader _header;

    private TokenCache(string path, MappedTokens tokens, TokenCacheHeader header)
    {
        (Path, _tokens, _header) = (path, tokens, header);
        Key = KeyText(header.Key);
    }

    /// <summary>Where caches are kept unless somebody says otherwise: SPIKE_CACHE, or in the user's folder for local application data.</summary>
    public static string DefaultFolder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? folder
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "SpikeEngine", "tokens");

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public long Count => _header.Count;

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public int? EndOfTextId => _header.EndOfTextId;

    /// <summary>Number of documents.</summary>
    public long Documents => _header.Documents;

    /// <summary>UTF-8 bytes of the documents' text.</summary>
    public long Utf8Bytes => _header.Utf8Bytes;

    /// <summary>One more than the highest id that the tokenizer has.</summary>
    public int VocabSize => _header.VocabSize;

    /// <summary>Bytes that an id takes.</summary>
    public int BytesPerToken => _header.Width;

    /// <summary>
    /// The cache of a source: found in the folder, or built there. The source is always read, to know its key; a cache that is found is read
    /// as well, and when it is damaged or not what its name says, it is built anew. Several processes may build one at a time: each
    /// writes a file of its own, and the last renames it over the others', which are equal.
    /// </summary>
    /// <param name="folder">The folder, created when it is not there; see <see cref="DefaultFolder"/>.</param>
    /// <param name="source">The documents.</param>
    /// <param name="tokenizer">A tokenizer with an end-of-text token.</param>
    /// <param name="progress">Told from time to time.</param>
    /// <param name="cancellation">Stops within a second; nothing is left behind then.</param>
    /// <exception cref="ArgumentException">The tokenizer has no end-of-text token.</exception>
    /// <exception cref="InvalidDataException">The source has no text, a file of it is not what its name says, or it changed meanwhile.</exception>
    /// <exception cref="IOException">A file cannot be read or written; the disk may be full.</exception>
    public static TokenCache OpenOrBuild(
        string folder, IDocumentSource source, Tokenizer tokenizer, IProgress<TokenizingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(tokenizer);
        UInt128 key = KeyOf(source, tokenizer, progress, cancellation);
        string path = System.IO.Path.Combine(folder, KeyText(key) + ".tokens");
        return OpenIntact(path, key, progress, cancellation) ?? Build(path, key, source, tokenizer, progress, cancellation);
    }

    /// <summary>Opens a cache that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="verify">Whether to read all of it and compare the checksum; its header and size are compared in any case.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no token cache, of another version, damaged, or cut short.</exception>
    public static TokenCache Open(string path, bool verify = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no token cache '{path}'.", path);
        return Open(path, verify, progress: null, cancellation);
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> ids)
    {
        TokenStreams.RequireRange(this, start, ids.Length);
        _tokens.Read(start, ids);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _tokens.Dispose();

    private static string KeyText(UInt128 key) => key.ToString("x32", CultureInfo.InvariantCulture);

    private static UInt128 KeyOf(
        IDocumentSource source, Tokenizer tokenizer, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        StageProgress? bytes = progress is null ? null : new StageProgress(progress, TokenizingStage.Hashing, source.Bytes);
        return XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"tokens-1\n{source.ComputeKey(bytes, cancellation)}\n{tokenizer.Key}\n"));
    }

    /// <summary>A cache can always be made again, so one that is damaged is no error.</summary>
    private static TokenCache? OpenIntact(string path, UInt128 key, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            TokenCache cache = Open(path, verify: true, progress, cancellation);
            if (cache._header.Key == key)
                return cache;
            cache.Dispose();
        }
        catch (InvalidDataException)
        {
        }

        return null;
    }

    private static TokenCache Build(
        string path, UInt128 key, IDocumentSource source, Tokenizer tokenizer, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        TokenCacheWriter.Write(path, key, source, tokenizer, progress, cancellation);
        return Open(path, verify: false, progress, cancellation);
    }

    private static TokenCache Open(string path, bool verify, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        try
        {
            byte[] bytes = new byte[TokenCacheHeader.Size];
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var header = TokenCacheHeader.Parse(bytes.AsSpan(0, read), path, file.Length);
            if (verify)
                Verify(file, header, path, progress, cancellation);
            return new TokenCache(path, new MappedTokens(file, TokenCacheHeader.Size, header.Width), header);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Verify(
        FileStream file, TokenCacheHeader header, string path, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        var hash = new XxHash128();
        byte[] block = new byte[BlockSize];
        for (int read; (read = file.Read(block)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(block.AsSpan(0, read));
            progress?.Report(new TokenizingProgress(TokenizingStage.Verifying, file.Position, file.Length, header.Count));
        }

        if (hash.GetCurrentHashAsUInt128() != header.DataChecksum)
            throw new InvalidDataException($"Token cache '{path}' is damaged: the checksum of its tokens is wrong.");
    }
}
