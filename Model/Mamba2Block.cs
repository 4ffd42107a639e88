using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>One block: r = r + mixer(norm(r)).</summary>
public sealed class Mamba2Block : Module
{
    internal Mamba2Block(ParameterScope scope, Mamba2Config config, int layer, SmoothedCompensation? compensation)
        : base(scope)
    {
        Norm = new RmsNorm(scope / "norm", config.DModel, config.NormEpsilon);
        Mixer = new Mamba2Mixer(scope / "mixer", config, layer, compensation);
    }

    /// <summary>The norm in front of the mixer.</summary>
    public RmsNorm Norm { get; }

    /// <summary>The mixer.</summary>
    public Mamba2Mixer Mixer { get; }

    internal Tensor Forward(Tensor residual, PassContext context)
    {
        using var running = Running();
        return Mixer.Forward(Norm.Forward(residual), residual, context);
    }
}
