namespace SpikeEngine;

/// <summary>What an operation has to do at least.</summary>
/// <param name="Flops">Floating-point operations, a multiply-add counted as two; 0 where memory is what takes time.</param>
/// <param name="Bytes">Bytes of its inputs and its result, each counted once.</param>
internal readonly record struct OpCost(long Flops, long Bytes);
