namespace SpikeEngine;

/// <summary>What spikes are multiplied with, and what is added to the product.</summary>
/// <param name="Weight">[outputs, inputs]</param>
/// <param name="Bias">[outputs], or null.</param>
/// <param name="Residual">[..., outputs], or null.</param>
internal readonly record struct SpikeLayer(Tensor Weight, Tensor? Bias = null, Tensor? Residual = null)
{
    /// <summary>Those that are there, in this order.</summary>
    internal Tensor[] Tensors => [.. new[] { Weight, Bias, Residual }.OfType<Tensor>()];
}
