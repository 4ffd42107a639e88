namespace SpikeEngine;

/// <summary>What stands in for the slope of a spike, which is 0 almost everywhere and infinite at the threshold.</summary>
public enum Surrogate
{
    /// <summary>1 within a window and 0 outside.</summary>
    Rectangular,

    /// <summary>α/2 / (1 + (π α u / 2)²), the slope of an arctangent.</summary>
    Arctan,

    /// <summary>α σ(α u) σ(-α u), the slope of a sigmoid.</summary>
    Sigmoid,

    /// <summary>α max(0, 1 - α|u|).</summary>
    Triangular,
}
