namespace SpikeEngine.Model.Text;

/// <summary>The next part of a generated text.</summary>
/// <param name="Text">Whole characters; empty when the last tokens have none of their own, as those of a stop string.</param>
/// <param name="Tokens">
/// The tokens since the piece before. One of them may belong to this text in part only, its end still being held back; none
/// is left out.
/// </param>
public sealed record GeneratedPiece(string Text, IReadOnlyList<GeneratedToken> Tokens);
