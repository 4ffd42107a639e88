namespace SpikeEngine;

/// <summary>(x - mean) / sqrt(var + eps) * weight + bias over the last axis.</summary>
public sealed class LayerNorm : Module
{
    private readonly float _eps;

    /// <summary>Asks the scope for <c>weight</c> [dim] and, if wanted, <c>bias</c> [dim].</summary>
    /// <param name="scope">Where the parameters are.</param>
    /// <param name="dim">Length of a row of x.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public LayerNorm(ParameterScope scope, int dim, float eps = 1e-5f, bool hasBias = true)
        : base(scope)
    {
        _eps = eps;
        Weight = scope.Get("weight", [dim], Init.Ones);
        Bias = hasBias ? scope.Get("bias", [dim], Init.Zeros) : null;
    }

    /// <summary>[dim]</summary>
    public Parameter Weight { get; }

    /// <summary>[dim], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>[..., dim] to [..., dim].</summary>
    public Tensor Forward(Tensor x)
    {
        using var running = Running();
        return Ops.LayerNorm(x, Weight, Bias, _eps);
    }
}
