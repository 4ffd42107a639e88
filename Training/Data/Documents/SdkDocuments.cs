using System.IO.Hashing;
using System.Text;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>The documentation that the .NET SDK carries, each of its lines a document: text that is there without a download.</summary>
/// <param name="cancellation">Stops the reading of the documentation between two lines.</param>
/// <exception cref="FileNotFoundException">No SDK with documentation was found.</exception>
public sealed class SdkDocuments(CancellationToken cancellation = default) : IDocumentSource
{
    private readonly IReadOnlyList<string> _lines = SdkDocumentation.ReadLines(cancellation);

    /// <inheritdoc/>
    public long Bytes => _lines.Sum(line => (long)Encoding.UTF8.GetByteCount(line));

    /// <inheritdoc/>
    public string ComputeKey(IProgress<long>? bytes = null, CancellationToken cancellation = default)
    {
        var hash = new XxHash128();
        hash.Append("sdk-docs-1\n"u8);
        foreach (string line in _lines)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(Encoding.UTF8.GetBytes(line));
            hash.Append("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public IEnumerable<DocumentPart> Read(IProgress<long>? bytes = null, CancellationToken cancellation = default)
    {
        long done = 0;
        foreach (string line in _lines)
        {
            cancellation.ThrowIfCancellationRequested();
            bytes?.Report(done += Encoding.UTF8.GetByteCount(line));
            yield return new DocumentPart(line, Begins: true);
        }
    }
}
