namespace SpikeEngine;

/// <summary>What a convolution of spikes gives.</summary>
/// <param name="Y">[N, O, OH, OW]</param>
/// <param name="Events">Spikes.</param>
/// <param name="Accumulates">Additions of a weight: O for each spike and each position whose window it lies in.</param>
public sealed record SpikeConv2dResult(Tensor Y, long Events, long Accumulates);
