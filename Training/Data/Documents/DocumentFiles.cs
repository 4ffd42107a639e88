using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>
/// Documents in files and folders: text (<c>.txt</c>, <c>.md</c>), JSONL (<c>.jsonl</c>), both packed with gzip (<c>.gz</c>) or not, and what
/// further formats read. Memory does not grow with the files.
/// </summary>
public sealed class DocumentFiles : IDocumentSource
{
    private const int BlockSize = 1 << 20;

    private readonly DocumentOptions _options;
    private readonly List<(string Path, IDocumentFormat Format)> _files;
    private readonly FileInfo[] _infos;   // as they were when they were listed

    /// <summary>Lists the files, and reads none of them yet.</summary>
    /// <param name="paths">Files and folders, in order. Of a folder every file with a known ending is read, in the ordinal order of
    /// their paths, those in inner folders too; names that begin with a dot and links to folders are passed over.</param>
    /// <param name="options">How files become documents; <see langword="null"/> for the defaults.</param>
    /// <param name="formats">Further formats, asked before the built-in ones.</param>
    /// <exception cref="FileNotFoundException">A path does not exist.</exception>
    /// <exception cref="InvalidDataException">A file has an unknown ending, or a folder no file to read.</exception>
    public DocumentFiles(IReadOnlyList<string> paths, DocumentOptions? options = null, IReadOnlyList<IDocumentFormat>? formats = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
            throw new ArgumentException("No text file or folder was given.", nameof(paths));
        _options = options ?? new DocumentOptions();
        FileListing listing = FileListing.Of(paths, [.. formats ?? [], new TextFormat(), new JsonLinesFormat()]);
        _files = listing.Files;
        Ignored = listing.Ignored;
        _infos = [.. _files.Select(f => new FileInfo(f.Path))];
        Bytes = _infos.Sum(f => f.Length);
    }

    /// <inheritdoc/>
    public long Bytes { get; }

    /// <summary>The files that are read, in order.</summary>
    public IReadOnlyList<string> Paths => [.. _files.Select(f => f.Path)];

    /// <summary>Files of the folders that are not read, since no format knows their endings.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <inheritdoc/>
    /// <remarks>Names and places of the files are not part of it: a moved corpus keeps its key.</remarks>
    public string ComputeKey(IProgress<long>? bytes = null, CancellationToken cancellation = default)
    {
        var all = new XxHash128();
        byte[] block = new byte[BlockSize];
        long done = 0;
        for (int i = 0; i < _files.Count; i++)
        {
            (string path, IDocumentFormat format) = _files[i];
            using FileStream file = SourceFile.Open(path);
            var content = new XxHash128();
            for (int read; (read = file.Read(block)) > 0; bytes?.Report(done += read))
            {
                cancellation.ThrowIfCancellationRequested();
                content.Append(block.AsSpan(0, read));
            }

            RequireUnchanged(i);
            string line = string.Create(CultureInfo.InvariantCulture, $"{format.Key(_options)}\0{file.Length}\0{Convert.ToHexStringLower(content.GetCurrentHash())}\n");
            all.Append(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(all.GetCurrentHash());
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A file is not what its name says, or was changed since it was listed; the message names it, and
    /// the line or byte.</exception>
    public IEnumerable<DocumentPart> Read(IProgress<long>? bytes = null, CancellationToken cancellation = default)
    {
        long done = 0;
        for (int i = 0; i < _files.Count; i++)
        {
            (string path, IDocumentFormat format) = _files[i];
            foreach (DocumentPart part in format.Read(path, _options, bytes is null ? null : new Shifted(bytes, done)))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return part;
            }

            RequireUnchanged(i);
            bytes?.Report(done += _infos[i].Length);
        }
    }

    /// <summary>Else the key, or what was read, would be of neither the old content nor the new.</summary>
    private void RequireUnchanged(int file)
    {
        var now = new FileInfo(_infos[file].FullName);
        if (!now.Exists || now.Length != _infos[file].Length || now.LastWriteTimeUtc != _infos[file].LastWriteTimeUtc)
            throw new InvalidDataException($"File '{_files[file].Path}' was changed while it was read.");
    }

    /// <summary>Progress within one file, as progress within all of them.</summary>
    private sealed class Shifted(IProgress<long> bytes, long before) : IProgress<long>
    {
        public void Report(long value) => bytes.Report(before + value);
    }
}
