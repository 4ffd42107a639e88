namespace SpikeEngine;

/// <summary>What is known of spikes before a way for their products is chosen.</summary>
/// <param name="Active">How many are not 0.</param>
/// <param name="HasNegative">Whether one is below 0, or may be, since nobody has looked.</param>
internal readonly record struct CountedSpikes(long Active, bool HasNegative);
