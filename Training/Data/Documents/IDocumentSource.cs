namespace SpikeEngine.Training.Data.Documents;

/// <summary>Documents to train on, read one after the other and never held together.</summary>
public interface IDocumentSource
{
    /// <summary>Bytes there are to read, as they are stored.</summary>
    long Bytes { get; }

    /// <summary>A hash of the content and of everything that decides how it becomes documents: 32 hexadecimal digits. Reads all of it.</summary>
    /// <param name="bytes">Told how many bytes were read so far.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    string ComputeKey(IProgress<long>? bytes = null, CancellationToken cancellation = default);

    /// <summary>The documents, in an order that is always the same. A document has some text that is not white space.</summary>
    /// <param name="bytes">Told how many bytes were read so far.</param>
    /// <param name="cancellation">Stops between two parts.</param>
    IEnumerable<DocumentPart> Read(IProgress<long>? bytes = null, CancellationToken cancellation = default);
}
