namespace SpikeEngine.Training.Data.Documents;

/// <summary>A stretch of a document: long ones come in several parts, so that none has to be in memory as a whole.</summary>
/// <param name="Text">The text; joined, the parts of a document are its text.</param>
/// <param name="Begins">Whether a document begins here; otherwise the part continues the one before.</param>
public readonly record struct DocumentPart(string Text, bool Begins);
