namespace SpikeEngine;

/// <summary>x / sqrt(mean(x²) + eps) * weight over the last axis.</summary>
public sealed class RmsNorm(ParameterScope scope, int dim, float eps = 1e-5f) : Module(scope)
{
    /// <summary>[dim]</summary>
    public Parameter Weight { get; } = scope.Get("weight", [dim], Init.Ones);

    /// <summary>Added to the mean square.</summary>
    public float Eps => eps;

    /// <summary>[..., dim] to [..., dim].</summary>
    public Tensor Forward(Tensor x)
    {
        using var running = Running();
        return Ops.RmsNorm(x, Weight, eps);
    }
}
