namespace SpikeEngine.Training.Data.Documents;

/// <summary>Reads one kind of file. Further kinds, such as Parquet, come from packages of their own.</summary>
public interface IDocumentFormat
{
    /// <summary>Endings of the names of such files, with their dots, in lower case: <c>.txt</c>, <c>.txt.gz</c>.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Name and version of the format with the options that matter to it: files read differently have different ones.</summary>
    /// <param name="options">The options.</param>
    string Key(DocumentOptions options);

    /// <summary>The documents of a file, in their order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it parts into documents.</param>
    /// <param name="bytes">Told how many bytes of the file were read so far.</param>
    /// <exception cref="InvalidDataException">The file is not what its name says; the message names it, and the line or byte.</exception>
    IEnumerable<DocumentPart> Read(string path, DocumentOptions options, IProgress<long>? bytes);
}
