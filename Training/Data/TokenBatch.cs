namespace SpikeEngine.Training.Data;

/// <summary>One batch: inputs and, shifted by one, the tokens to predict.</summary>
/// <param name="Inputs">Batch sequences of equal length, one after the other.</param>
/// <param name="Targets">The token after each input.</param>
/// <param name="BatchSize">Number of sequences.</param>
/// <param name="Starts">
/// Whether an input begins a document, so that the model forgets what came before; <see langword="null"/> when it is to read on across documents.
/// </param>
public sealed record TokenBatch(int[] Inputs, int[] Targets, int BatchSize, bool[]? Starts = null)
{
    /// <summary>Where in the text each sequence begins; empty for text that is no stream.</summary>
    public long[] Positions { get; init; } = [];

    /// <summary>For each position whether it has a target, <see cref="Ops.IgnoredLabel"/> being none; empty when all have.</summary>
    public ReadOnlyMemory<bool> Counted() =>
        Targets.AsSpan().Contains(Ops.IgnoredLabel) ? Array.ConvertAll(Targets, target => target != Ops.IgnoredLabel) : default(ReadOnlyMemory<bool>);
}
