using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Runs;

/// <summary>What a run can read beyond text and JSON lines; further packages bring it.</summary>
/// <param name="Documents">Formats of documents.</param>
public sealed record RunFormats(IReadOnlyList<IDocumentFormat> Documents)
{
    /// <summary>The built-in ones only.</summary>
    public static RunFormats BuiltIn { get; } = new([]);
}
