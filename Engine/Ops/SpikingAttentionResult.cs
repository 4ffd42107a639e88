namespace SpikeEngine;

/// <summary>What spiking attention gives.</summary>
/// <param name="O">[steps, B, T, D]: whole numbers, A V of every head.</param>
/// <param name="Rate">[B, H, T, T]: the map A, averaged over the steps; null when nobody asked.</param>
/// <param name="Spikes">Spikes of all maps.</param>
/// <param name="Pairs">Places of all maps where a query sees a key.</param>
public sealed record SpikingAttentionResult(Tensor O, Tensor? Rate, long Spikes, long Pairs);
