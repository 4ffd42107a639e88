namespace SpikeEngine;

/// <summary>
/// How a product of spikes is computed. For finite weights the value is the same, but for the order of sums. Of an input that does not
/// spike, only the dense way reads the weights: 0 times infinity is NaN there.
/// </summary>
public enum SpikePath
{
    /// <summary>Whichever is faster at the number of spikes, by <see cref="CrossoverProfile"/>.</summary>
    Auto,

    /// <summary>Every weight is multiplied and added.</summary>
    Dense,

    /// <summary>The weights of active inputs are added or subtracted, nothing is multiplied.</summary>
    Accumulate,
}
