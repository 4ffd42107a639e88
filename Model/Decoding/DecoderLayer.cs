using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Decoding;

/// <summary>One block for one token at a time: the recurrence instead of the chunked scan, on spans, without a tape.</summary>
internal sealed class DecoderLayer
{
    private readonly Mamba2Config _config;
    private readonly Mamba2Block _block;
    private readonly SsdShape _shape;
    private readonly Projection _inProj;
    private readonly Projection _outProj;
    private readonly float[] _convWeight;
    private readonly float[] _a;

    internal DecoderLayer(Mamba2Config config, Mamba2Block block)
    {
        Mamba2Mixer mixer = block.Mixer;
        _config = config;
        _block = block;
        _shape = mixer.SsdShapeFor(batch: 1, length: 1);
        _inProj = Projection.For(mixer.InProj, config.Spiking);
        _outProj = Projection.For(mixer.OutProj, config.Spiking);

        // [C, 1, K] to [K, C]: lanes run over channels.
        _convWeight = new float[mixer.ConvWeight.Count];
        for (int channel = 0; channel < config.ConvChannels; channel++)
        {
            for (int k = 0; k < config.DConv; k++)
                _convWeight[k * config.ConvChannels + channel] = mixer.ConvWeight.Values[channel * config.DConv + k];
        }

        _a = new float[config.HeadCount];
        for (int head = 0; head < _a.Length; head++)
            _a[head] = -LaneMath.Exp(mixer.ALog.Values[head]);
    }

    /// <summary>residual += mixer(norm(residual)), with the layer's convolution window and scan state moved on.</summary>
    internal void Step(Span<float> residual, Span<float> window, Span<float> ssm, DecodeBuffers buffers)
    {
        int inner = _config.DInner, channels = _config.ConvChannels;
        Mamba2Mixer mixer = _block.Mixer;
        Norm(residual, _block.Norm.Weight, _block.Norm.Eps, buffers.Hidden.Span);
        _inProj.Run(buffers.Hidden, buffers.Zxbcdt, buffers);

        Span<float> zxbcdt = buffers.Zxbcdt.Span;
        ReadOnlySpan<float> z = zxbcdt[..inner];
        Span<float> xbc = zxbcdt.Slice(inner, channels), dt = zxbcdt[(inner + channels)..];
        Simd.Run(new CausalConv1dStep
        {
            X = xbc, Weight = _convWeight, Bias = mixer.ConvBias is { } bias ? bias.Values : [], Window = window, Y = xbc,
        });
        Simd.Run(new TimeStepForward
        {
            Raw = dt, Bias = mixer.DtBias, Low = _config.DtLimitLow, High = _config.DtLimitHigh, Dt = dt,
        });
        Simd.Run(new SsdStep { Shape = _shape, Xbc = xbc, Dt = dt, A = _a, D = mixer.D, State = ssm, Y = buffers.Inner.Span });
        Simd.Run(new GatedRmsNormForward
        {
            Y = buffers.Inner.Span, Z = z, Weight = mixer.NormWeight, GroupSize = mixer.NormGroup, Eps = _config.NormEpsilon,
            NormBeforeGate = false, Out = buffers.Inner.Span, Rstd = buffers.Rstd.AsSpan(0, inner / mixer.NormGroup),
        });

        _outProj.Run(buffers.Inner, buffers.Hidden, buffers);
        Simd.Run(new AddScaled { X = buffers.Hidden.Span, Y = residual });
    }

    /// <summary>RMS norm of one row.</summary>
    internal static void Norm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float eps, Span<float> y)
    {
        Span<float> rstd = [0f];
        Simd.Run(new RmsNormForward { X = x, Weight = weight, Eps = eps, Y = y, Rstd = rstd });
    }
}
