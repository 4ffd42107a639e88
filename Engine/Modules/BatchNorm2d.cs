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

    /// <summary>Added to the variance.</summary>
    public float Eps => _eps;

    /// <summary>Whether the running statistics are used, and stay as they are, while a tape records too: for fine-tuning.</summary>
    public bool Frozen { get; set; }

    /// <summary>
    /// [N, C, H, W] to [N, C, H, W]: with the batch's own statistics, which move the running ones, while a tape is recording, and with
    /// the running ones otherwise, which means inference.
    /// </summary>
    public Tensor Forward(Tensor x)
    {
        using var running = Running();
        float momentum = Tape.IsSecondRun ? 0f : _momentum;   // of a checkpointed block: they have moved already
        return Ops.BatchNorm2d(x, Weight, Bias, RunningMean, RunningVar, Tape.IsRecording && !Frozen, momentum, _eps);
    }
}
