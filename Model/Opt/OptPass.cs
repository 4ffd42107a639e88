namespace SpikeEngine.Model.Opt;

/// <summary>What a pass over whole sequences carries along.</summary>
/// <param name="Trace">Filled with what happens inside, when given.</param>
/// <param name="Starts">[B * T]: true where a document starts inside its sequence; empty for nowhere.</param>
internal readonly record struct OptPass(ForwardTrace? Trace, ReadOnlyMemory<bool> Starts);
