using System.Diagnostics.CodeAnalysis;

namespace SpikeEngine.Kernels;

/// <summary>
/// How the integer spikes of a vector are given to a product by additions. All forms stand for the same numbers; with weights in whole numbers
/// they give the same bits.
/// </summary>
public enum SpikeForm
{
    /// <summary>One pass: each active input once, by falling level |s|, and a running sum that is added once per level. Additions per output: active inputs, and D more if D &gt; 1.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The whole number of spikes, which is no type.")]
    Integer,

    /// <summary>D planes of -1, 0 and 1, plane k of the inputs with |s| &gt;= k, as two masks of bits each. Additions per output: Σ|s|.</summary>
    TernaryPlanes,

    /// <summary>D micro-steps of a neuron with a soft reset that starts from |s| (<see cref="SpikeExpansion"/>). Additions per output: Σ|s|.</summary>
    Expansion,
}
