using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Two-dimensional convolution: see <see cref="Ops.Conv2d"/>.</summary>
public sealed class Conv2d : Module
{
    private readonly Size2d _stride;
    private readonly Size2d _padding;
    private readonly Size2d _dilation;
    private readonly int _groups;

    /// <summary>Asks the scope for <c>weight</c> [outputs, channels / groups, KH, KW] and, if wanted, <c>bias</c> [outputs].</summary>
    /// <param name="scope">Where the parameters are.</param>
    /// <param name="channels">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="kernel">(KH, KW), or one number for both.</param>
    /// <param name="stride">Steps of the window; 1 when null.</param>
    /// <param name="padding">Zeros on either side.</param>
    /// <param name="dilation">Distance between taps; 1 when null.</param>
    /// <param name="groups">Groups of channels that are convolved apart.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="initial">How new weights are filled; null for uniform ones.</param>
    /// <exception cref="ArgumentException">Channels or outputs cannot be shared by the groups.</exception>
    public Conv2d(
        ParameterScope scope, int channels, int outputs, Size2d kernel,
        Size2d? stride = null, Size2d padding = default, Size2d? dilation = null, int groups = 1, bool hasBias = true,
        Initializer? initial = null)
        : base(scope)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (channels % groups != 0 || outputs % groups != 0)
            throw new ArgumentException($"{channels} channels and {outputs} outputs cannot be shared by {groups} groups.", nameof(groups));
        (_stride, _padding, _dilation, _groups) = (stride ?? 1, padding, dilation ?? 1, groups);
        int inputs = channels / groups * kernel.Height * kernel.Width;
        Weight = scope.Get("weight", [outputs, channels / groups, kernel.Height, kernel.Width], initial ?? Init.KaimingUniform(inputs), decays: true);
        Bias = hasBias ? scope.Get("bias", [outputs], Init.KaimingUniform(inputs)) : null;
    }

    /// <summary>[outputs, channels / groups, KH, KW]</summary>
    public Parameter Weight { get; }

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>Steps of the window.</summary>
    public Size2d Stride => _stride;

    /// <summary>Zeros on either side.</summary>
    public Size2d Padding => _padding;

    /// <summary>[N, channels, H, W] to [N, outputs, OH, OW].</summary>
    public Tensor Forward(Tensor x)
    {
        using var running = Running();
        return Ops.Conv2d(x, Weight, Bias, _stride, _padding, _dilation, _groups);
    }
}
