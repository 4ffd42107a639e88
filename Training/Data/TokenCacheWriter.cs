using System.IO.Hashing;
using System.Runtime.InteropServices;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>Writes a token cache, whole or not at all.</summary>
internal static class TokenCacheWriter
{
    private const string TemporaryExtension = ".tmp";

    private static readonly TimeSpan s_untouched = TimeSpan.FromMinutes(10);

    /// <summary>Tokenises the source into a file beside <paramref name="path"/> that is renamed when it is complete and on the disk.</summary>
    /// <exception cref="InvalidDataException">The source has no text.</exception>
    public static void Write(
        string path, UInt128 key, IDocumentSource source, Tokenizer tokenizer, IProgress<TokenizingProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        RemoveAbandoned(path);
        var encoder = new DocumentEncoder(tokenizer);
        AtomicFile.Write(path, stream =>
        {
            // The header comes last: it has the counts and the checksum.
            stream.Write(new byte[TokenCacheHeader.Size]);
            var data = new DataWriter(stream, TokenCacheHeader.WidthFor(tokenizer.VocabSize));
            StageProgress? bytes = progress is null ? null : new StageProgress(progress, TokenizingStage.Tokenizing, source.Bytes);
            foreach (List<int> ids in encoder.Encode(source.Read(bytes, cancellation), cancellation))
            {
                data.Write(CollectionsMarshal.AsSpan(ids));
                bytes?.Tokens = data.Count;
            }

            if (data.Count == 0)
                throw new InvalidDataException("There is no text to train on: the files have nothing but white space.");
            bytes?.Report(source.Bytes);
            var header = new TokenCacheHeader(
                data.Width, data.Count, encoder.Documents, encoder.Utf8Bytes, tokenizer.EndOfTextId!.Value, tokenizer.VocabSize, key, data.Checksum);
            stream.Position = 0;
            stream.Write(header.ToBytes());
        });
    }

    /// <summary>
    /// A process that was killed leaves its temporary file; one that runs holds its own locked, but for the instants after it was created and before it is renamed.
    /// So only what has not been written for a while is looked at.
    /// </summary>
    private static void RemoveAbandoned(string path)
    {
        string full = Path.GetFullPath(path);
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, Path.GetFileName(full) + ".*" + TemporaryExtension))
        {
            if ((DateTime.UtcNow - File.GetLastWriteTimeUtc(file)).Duration() < s_untouched)
                continue;
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }

                File.Delete(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>Ids, narrowed, counted and hashed on their way into the file.</summary>
    private sealed class DataWriter(Stream stream, int width)
    {
        private readonly XxHash128 _hash = new();
        private ushort[] _narrow = [];

        public int Width => width;

        public long Count { get; private set; }

        public UInt128 Checksum => _hash.GetCurrentHashAsUInt128();

        public void Write(ReadOnlySpan<int> ids)
        {
            ReadOnlySpan<byte> bytes = width == sizeof(int) ? MemoryMarshal.AsBytes(ids) : MemoryMarshal.AsBytes(Narrow(ids));
            _hash.Append(bytes);
            stream.Write(bytes);
            Count += ids.Length;
        }

        private ReadOnlySpan<ushort> Narrow(ReadOnlySpan<int> ids)
        {
            if (_narrow.Length < ids.Length)
                _narrow = new ushort[ids.Length];
            for (int i = 0; i < ids.Length; i++)
                _narrow[i] = (ushort)ids[i];
            return _narrow.AsSpan(0, ids.Length);
        }
    }
}
