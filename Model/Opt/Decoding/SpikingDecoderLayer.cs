using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>A spiking block: the equations of <see cref="SpikingBlock"/> with keys and values, a bit each, from a cache.</summary>
internal sealed class SpikingDecoderLayer : OptDecoderLayer
{
    private readonly BinarySpiking _spiking;
    private readonly LifDynamics _lif;
    private readonly CachedSpikingAttention _attention;
    private readonly OptProjections<SpikingProjection> _projections;

    public SpikingDecoderLayer(OptConfig config, int layer, IDecoderWeights weights, DecoderOptions options)
        : base(config, layer)
    {
        _spiking = config.Spiking!;
        _lif = _spiking.Neuron.Dynamics();
        _attention = new CachedSpikingAttention(config);
        SpikePath path = options.SpikePath;
        _projections = new OptProjections<SpikingProjection>(config, layer, weights, options.Weights, (weight, bias) => new SpikingProjection(weight, bias, path));
    }

    internal override long WeightBytes => _projections.All.Sum(projection => projection.WeightBytes);

    internal override StorageType WeightType => _projections.Q.WeightType;

    internal override Tensor Forward(Tensor x, OptState state, SpikeStatistics? spikes)
    {
        bool isStream = _spiking.Residual == SpikingResidual.Stream;
        Tensor s = Fire(_projections.AttentionNorm?.Forward(x) ?? x, SpikeSite.Attention, spikes);
        Tensor q = Fire(_projections.Q.Forward(s), SpikeSite.Query, spikes), k = Fire(_projections.K.Forward(s), SpikeSite.Key, spikes), v = Fire(_projections.V.Forward(s), SpikeSite.Value, spikes);
        Tensor mixed = Attention(q, k, v, state, spikes);
        x = Ops.Add(isStream ? x : s, Fire(_projections.Out.ForwardCounts(mixed), SpikeSite.AttentionOut, spikes));
        s = Fire(_projections.FinalNorm?.Forward(x) ?? x, SpikeSite.Fc1, spikes);
        Tensor hidden = Fire(_projections.Fc1.Forward(s), SpikeSite.Fc2, spikes);
        return Ops.Add(isStream ? x : s, Fire(_projections.Fc2.Forward(hidden), SpikeSite.FeedForwardOut, spikes));
    }

    internal override void Step(OptBuffers buffers, OptState state)
    {
        SpikeStatistics? spikes = buffers.Spikes;
        int model = buffers.Steps * Config.DModel, wide = buffers.Steps * Config.FfnDim;
        Memory<float> s = buffers.PartSpikes, current = buffers.Current[..model];
        Fire(Normed(_projections.AttentionNorm, buffers), s, SpikeSite.Attention, buffers);
        buffers.Clock?.Note(Layer, DecodePart.Norm);
        Project(_projections.Q, buffers.Query, SpikeSite.Query);
        Project(_projections.K, buffers.Key, SpikeSite.Key);
        Project(_projections.V, buffers.Value, SpikeSite.Value);
        buffers.Clock?.Note(Layer, DecodePart.InProj);
        long active = _attention.One(buffers, (SpikeCache)state.Layer(Layer), (int)state.Position);
        buffers.Clock?.Note(Layer, DecodePart.Scan);
        if (spikes is not null)
            AttentionCounts.Observe(spikes, Layer, active, (state.Position + 1) * buffers.Steps * Config.HeadCount, buffers.Mixed.Span);

        _projections.Out.RunCounts(buffers.Mixed, current, buffers);
        AddFired(SpikeSite.AttentionOut);
        Fire(Normed(_projections.FinalNorm, buffers), s, SpikeSite.Fc1, buffers);
        Memory<float> hidden = buffers.Current[..wide];
        _projections.Fc1.Run(s, hidden, buffers);
        Fire(hidden, buffers.Wide, SpikeSite.Fc2, buffers);
        _projections.Fc2.Run(buffers.Wide, current, buffers);
        AddFired(SpikeSite.FeedForwardOut);
        buffers.Clock?.Note(Layer, DecodePart.OutProj);

        void Project(SpikingProjection projection, Memory<float> target, SpikeSite site)
        {
            projection.Run(s, current, buffers);
            Fire(current, target, site, buffers);
        }

        // The stream goes on with the spikes of what a part gave, on top of itself or of the spikes that came into the part.
        void AddFired(SpikeSite site)
        {
            Fire(current, buffers.Normed, site, buffers);
            if (_spiking.Residual == SpikingResidual.Spikes)
                s.CopyTo(buffers.Stream);
            Simd.Run(new AddScaled { X = buffers.Normed.Span, Y = buffers.Stream.Span });
        }
    }

    private static Memory<float> Normed(DecoderNorm? norm, OptBuffers buffers)
    {
        if (norm is null)
            return buffers.Stream;
        norm.Run(buffers.Stream.Span, buffers.Normed.Span, buffers.Moments);
        return buffers.Normed;
    }

    private Tensor Fire(Tensor x, SpikeSite site, SpikeStatistics? spikes)
    {
        Tensor s = Ops.LifSpikes(x, _spiking.Neuron);
        spikes?.Observe(Layer, site, s);
        return s;
    }

    private void Fire(Memory<float> x, Memory<float> spikes, SpikeSite site, OptBuffers buffers)
    {
        Span<float> potentials = buffers.Potentials.Span;
        Simd.Run(new LifForward
        {
            Neuron = _lif, X = x.Span, Start = 0f, Count = x.Length / buffers.Steps, S = spikes.Span, V = potentials[..x.Length], H = potentials.Slice(x.Length, x.Length),
            From = 0, To = x.Length / buffers.Steps,
        });
        buffers.Spikes?.Observe(Layer, site, spikes.Span);
    }

    private Tensor Attention(Tensor q, Tensor k, Tensor v, OptState state, SpikeStatistics? spikes)
    {
        (int steps, int batch, int length, int position) = (q.Shape[0], q.Shape[1], q.Shape[2], (int)state.Position);
        Tensor o = Tensor.Like(q);
        long active = _attention.Many(q, k, v, o, (SpikeCache)state.Layer(Layer), position);
        if (spikes is not null)
        {
            long pairs = (long)steps * batch * Config.HeadCount * length * (2L * position + length + 1) / 2;
            AttentionCounts.Observe(spikes, Layer, active, pairs, o.Values);
        }

        return o;
    }
}
