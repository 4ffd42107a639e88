using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>One block for running a model: whole sequences by <see cref="MixerPass"/>, one token by the recurrence, on spans and without a tape.</summary>
internal sealed class DecoderLayer : IMixerWeights
{
    private const int HeadsTogether = 4;   // in a piece of the scan: some 128 KB of states

    private readonly SsdShape _shape;
    private readonly Tensor _norm;
    private readonly Projection _inProj;
    private readonly Projection _outProj;
    private readonly float[] _convWeightByTap;   // [K, C]: lanes run over channels

    /// <summary>Asks for the block's weights.</summary>
    internal DecoderLayer(Mamba2Config config, int layer, IDecoderWeights weights, DecoderOptions options)
    {
        Config = config;
        Layer = layer;
        _shape = config.SsdShapeFor(batch: 1, length: 1);
        string block = $"backbone.layers.{layer}.", mixer = block + "mixer.";
        _norm = weights.Small(block + "norm.weight", config.DModel);
        DtBias = weights.Small(mixer + "dt_bias", config.HeadCount);
        A = Ops.NegExp(weights.Small(mixer + "A_log", config.HeadCount));
        D = weights.Small(mixer + "D", config.HeadCount);
        ConvWeight = weights.Small(mixer + "conv1d.weight", config.ConvChannels, 1, config.DConv);
        ConvBias = config.UseConvBias ? weights.Small(mixer + "conv1d.bias", config.ConvChannels) : null;
        NormWeight = weights.Small(mixer + "norm.weight", config.DInner);
        _inProj = Projection.For(
            weights.Matrix(mixer + "in_proj.weight", config.InProjRows, config.DModel, options.Weights),
            config.UseBias ? weights.Small(mixer + "in_proj.bias", config.InProjRows) : null, Rule(ModelTensors.InNeuron), options.SpikePath);
        _outProj = Projection.For(
            weights.Matrix(mixer + "out_proj.weight", config.DModel, config.DInner, options.Weights),
            config.UseBias ? weights.Small(mixer + "out_proj.bias", config.DModel) : null, Rule(ModelTensors.OutNeuron), options.SpikePath);

        _convWeightByTap = new float[ConvWeight.Count];
        for (int channel = 0; channel < config.ConvChannels; channel++)
        {
            for (int k = 0; k < config.DConv; k++)
                _convWeightByTap[k * config.ConvChannels + channel] = ConvWeight.Values[channel * config.DConv + k];
        }

        SpikeRule? Rule(string neuron) => config.Spiking is not { } spiking
            ? null
            : new SpikeRule(spiking, spiking.OwnThresholds ? weights.Small($"{mixer}{neuron}.{ModelTensors.Threshold}", 1).Values[0] : spiking.Threshold);
    }

    private DecoderLayer(DecoderLayer other, Mamba2Config config, Projection inProj, Projection outProj)
    {
        (Config, Layer, _shape, _norm, _convWeightByTap) = (config, other.Layer, other._shape, other._norm, other._convWeightByTap);
        (ConvWeight, ConvBias, DtBias, A, D, NormWeight) = (other.ConvWeight, other.ConvBias, other.DtBias, other.A, other.D, other.NormWeight);
        (_inProj, _outProj) = (inProj, outProj);
    }

    /// <inheritdoc/>
    public Mamba2Config Config { get; }

    /// <inheritdoc/>
    public int Layer { get; }

    /// <inheritdoc/>
    public Tensor ConvWeight { get; }

    /// <inheritdoc/>
    public Tensor? ConvBias { get; }

    /// <inheritdoc/>
    public Tensor DtBias { get; }

    /// <inheritdoc/>
    public Tensor A { get; }

    /// <inheritdoc/>
    public Tensor D { get; }

    /// <inheritdoc/>
    public Tensor NormWeight { get; }

    /// <summary>residual + mixer(norm(residual)), [B, T, D].</summary>
    internal Tensor Forward(Tensor residual, PassContext context) =>
        MixerPass.Run(this, Ops.RmsNorm(residual, _norm, Config.NormEpsilon), residual, context);

    /// <inheritdoc/>
    public Tensor[] In(Tensor u, ForwardTrace? trace) =>
        _inProj.Forward(u, [Config.DInner, Config.ConvChannels, Config.HeadCount], Observer(trace?.Spikes, SpikeSite.InProj));

    /// <inheritdoc/>
    public Tensor Out(Tensor gated, Tensor? residual, ForwardTrace? trace) =>
        _outProj.Forward(gated, residual, Observer(trace?.Spikes, SpikeSite.OutProj));

    /// <summary>Bytes of the projections.</summary>
    internal long WeightBytes => _inProj.WeightBytes + _outProj.WeightBytes;

    /// <summary>How the projections are kept.</summary>
    internal StorageType WeightType => _inProj.WeightType;

    /// <summary>Both projections of a token and nothing else.</summary>
    internal void Projections(Mamba2Buffers buffers)
    {
        _inProj.Run(buffers.Hidden, buffers.Zxbcdt, buffers, seen: default);
        _outProj.Run(buffers.Inner, buffers.Hidden, buffers, seen: default);
    }

    /// <summary>residual += mixer(norm(residual)), with the layer's convolution window and scan state moved on.</summary>
    internal void Step(Span<float> residual, Span<float> window, Memory<float> ssm, Mamba2Buffers buffers)
    {
        int inner = Config.DInner, channels = Config.ConvChannels;
        Norm(residual, _norm, Config.NormEpsilon, buffers.Hidden.Span);
        buffers.Clock?.Note(Layer, DecodePart.Norm);
        _inProj.Run(buffers.Hidden, buffers.Zxbcdt, buffers, Observer(buffers.Spikes, SpikeSite.InProj));
        buffers.Clock?.Note(Layer, DecodePart.InProj);

        Span<float> zxbcdt = buffers.Zxbcdt.Span;
        ReadOnlySpan<float> z = zxbcdt[..inner];
        Span<float> xbc = zxbcdt.Slice(inner, channels), dt = zxbcdt[(inner + channels)..];
        Simd.Run(new CausalConv1dStep
        {
            X = xbc, Weight = _convWeightByTap, Bias = ConvBias is { } bias ? bias.Values : [], Window = window, Y = xbc,
        });
        Simd.Run(new TimeStepForward { Raw = dt, Bias = DtBias, Low = Config.DtLimitLow, High = Config.DtLimitHigh, Dt = dt });
        buffers.Clock?.Note(Layer, DecodePart.Conv1d);
        RowParallel.For(Config.HeadCount, HeadsTogether, (layer: this, buffers, ssm), static (s, start, end) => s.layer.Scan(s.buffers, s.ssm, start, end), heavy: true);
        buffers.Clock?.Note(Layer, DecodePart.Scan);
        Simd.Run(new GatedRmsNormForward
        {
            Y = buffers.Inner.Span, Z = z, Weight = NormWeight, GroupSize = Config.NormGroup, Eps = Config.NormEpsilon,
            NormBeforeGate = false, Out = buffers.Inner.Span, Rstd = buffers.Rstd.AsSpan(0, inner / Config.NormGroup),
        });
        buffers.Clock?.Note(Layer, DecodePart.GatedNorm);

        _outProj.Run(buffers.Inner, buffers.Hidden, buffers, Observer(buffers.Spikes, SpikeSite.OutProj));
        Simd.Run(new AddScaled { X = buffers.Hidden.Span, Y = residual });
        buffers.Clock?.Note(Layer, DecodePart.OutProj);
    }

    /// <summary>The same block under a configuration that differs in what the weights do not depend on.</summary>
    internal DecoderLayer With(Mamba2Config config) => new(this, config, _inProj, _outProj);

    /// <summary>The same block, which lets see what comes to out_proj.</summary>
    internal (DecoderLayer Layer, WatchedProjection OutProj) Watched()
    {
        WatchedProjection watched = new(_outProj);
        return (new DecoderLayer(this, Config, _inProj, watched), watched);
    }

    /// <summary>The same block with thresholds at which a share of the inputs spikes, found on a sample that passes through.</summary>
    /// <param name="rate">The share.</param>
    /// <param name="residual">[B, T, D]: the sample, moved on.</param>
    internal DecoderLayer Calibrated(double rate, ref Tensor residual)
    {
        CalibratingProjection inProj = new(_inProj, rate), outProj = new(_outProj, rate);
        residual = new DecoderLayer(this, Config, inProj, outProj).Forward(residual, context: default);
        return new DecoderLayer(this, Config, inProj.Result, outProj.Result);
    }

    /// <summary>The same block with one number in the place of each token's largest channel in front of a projection.</summary>
    internal DecoderLayer Polarized(SpikeSite site, float value) => new(
        this, Config, site == SpikeSite.InProj ? new PolarizedProjection(_inProj, value) : _inProj,
        site == SpikeSite.OutProj ? new PolarizedProjection(_outProj, value) : _outProj);

    /// <summary>RMS norm of one row.</summary>
    internal static void Norm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float eps, Span<float> y)
    {
        Span<float> rstd = [0f];
        Simd.Run(new RmsNormForward { X = x, Weight = weight, Eps = eps, Y = y, Rstd = rstd });
    }

    private void Scan(Mamba2Buffers buffers, Memory<float> ssm, int firstHead, int endHead)
    {
        ReadOnlySpan<float> xbcdt = buffers.Zxbcdt.Span[Config.DInner..];
        Simd.Run(new SsdStep
        {
            Shape = _shape, Xbc = xbcdt[..Config.ConvChannels], Dt = xbcdt[Config.ConvChannels..], A = A, D = D,
            FirstHead = firstHead, EndHead = endHead, State = ssm.Span, Y = buffers.Inner.Span,
        });
    }

    private SpikeObserver Observer(SpikeStatistics? statistics, SpikeSite site) => new(statistics, Layer, site);
}
