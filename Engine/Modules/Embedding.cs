namespace SpikeEngine;

/// <summary>A vector for every token: see <see cref="Ops.Embedding"/>.</summary>
public sealed class Embedding : Module
{
    /// <summary>Asks the scope for <c>weight</c> [vocabulary, dim].</summary>
    /// <param name="scope">Where the parameter is.</param>
    /// <param name="vocabulary">Number of tokens.</param>
    /// <param name="dim">Length of a vector.</param>
    /// <param name="deviation">Standard deviation of new vectors.</param>
    public Embedding(ParameterScope scope, int vocabulary, int dim, float deviation = 1f)
        : base(scope) => Weight = scope.Get("weight", [vocabulary, dim], Init.Normal(deviation), decays: true);

    /// <summary>[vocabulary, dim]</summary>
    public Parameter Weight { get; }

    /// <summary>Ids of the given shape, as in [batch, time], to [shape..., dim].</summary>
    /// <param name="ids">Token ids, which must not change before the backward pass.</param>
    /// <param name="shape">Shape of the ids.</param>
    public Tensor Forward(ReadOnlyMemory<int> ids, params ReadOnlySpan<int> shape)
    {
        using var running = Running();
        return Ops.Embedding(Weight, ids, shape);
    }
}
