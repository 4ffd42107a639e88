namespace SpikeEngine;

/// <summary>Each channel with the mean and variance of the batch taken out, then scaled and shifted: see <see cref="Ops.BatchNorm2d"/>.</summary>
public sealed class BatchNorm2d : Module
{
    private readonly float _momentum;
    private readonly float _eps;

    /// <summary>
    /// Asks the scope for <c>weight</c> and <c>bias</c> [channels] and for the buffers <c>running_mean</c> and <c>running_var</c>
    /// [channels], which are saved with the parameters but not trained.
    /// </summary>
    /// <param name="scope">Where the parameters are.</param>
    /// <param name="channels">C.</param>
    /// <param name="momentum">Share of a batch in the running statistics.</param>
    /// <param name="eps">Added to the variance.</param>
    public BatchNorm2d(ParameterScope scope, int channels, float momentum = 0.1f, float eps = 1e-5f)
        : base(scope)
    {
        (_momentum, _eps) = (momentum, eps);
        Weight = scope.Get("weight", [channels], Init.Ones);
        Bias = scope.Get("bias", [channels], Init.Zeros);
        RunningMean = scope.Buffer("running_mean", [channels], Init.Zeros);
        RunningVar = scope.Buffer("running_var", [channels], Init.Ones);
    }

    /// <summary>[channels]</summary>
    public Parameter Weight { get; }

    /// <summary>[channels]</summary>
    public Parameter Bias { get; }

    /// <summary>[channels], a buffer.</summary>
    public Parameter RunningMean { get; }

    /// <summary>[channels], a buffer.</summary>
    public Parameter RunningVar { get; }

    /// <summary>
    /// Whether the batch's own statistics are used and the running ones move; true at first. Set it to false for inference and
    /// evaluation: an open tape or none makes no difference here, since both are known to happen in training.
    /// </summary>
    public bool Training { get; set; } = true;

    /// <summary>[N, C, H, W] to [N, C, H, W].</summary>
    public Tensor Forward(Tensor x)
    {
        using var running = Running();
        return Ops.BatchNorm2d(x, Weight, Bias, RunningMean, RunningVar, Training, _momentum, _eps);
    }
}
