using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// A block of BiSpikCLM: SN, spiking attention, residual sum, SN, two layers of SN(W s + b), residual sum. Every product is with spikes or
/// with whole numbers of them; there is no softmax and no scale.
/// </summary>
internal sealed class SpikingBlock : Module, IOptBlock
{
    private readonly OptConfig _config;
    private readonly BinarySpiking _spiking;
    private readonly int _layer;
    private readonly OptLayers _layers;

    public SpikingBlock(ParameterScope scope, OptConfig config, int layer)
        : base(scope)
    {
        (_config, _spiking, _layer) = (config, config.Spiking!, layer);
        _layers = new OptLayers(scope, config);
    }

    /// <summary>[steps, B, T, D] to the same.</summary>
    public Tensor Forward(Tensor x, OptPass pass)
    {
        using var running = Running();
        bool isStream = _spiking.Residual == SpikingResidual.Stream;
        Tensor s = Fire(_layers.AttentionNorm?.Forward(x) ?? x, SpikeSite.Attention, pass);
        x = Ops.Add(isStream ? x : s, Attention(s, pass));
        s = Fire(_layers.FinalNorm?.Forward(x) ?? x, SpikeSite.Fc1, pass);
        Tensor hidden = Fire(_layers.Fc1.ForwardSpikes(s, levels: 1), SpikeSite.Fc2, pass);
        return Ops.Add(isStream ? x : s, Fire(_layers.Fc2.ForwardSpikes(hidden, levels: 1), SpikeSite.FeedForwardOut, pass));
    }

    private Tensor Attention(Tensor s, OptPass pass)
    {
        Tensor q = Fire(_layers.QProj.ForwardSpikes(s, levels: 1), SpikeSite.Query, pass);
        Tensor k = Fire(_layers.KProj.ForwardSpikes(s, levels: 1), SpikeSite.Key, pass);
        Tensor v = Fire(_layers.VProj.ForwardSpikes(s, levels: 1), SpikeSite.Value, pass);
        SpikingAttentionResult attention = Ops.SpikingAttention(
            q, k, v, _config.HeadCount, _spiking.Neuron, pass.Starts, keepsRate: pass.Trace is { KeepsAttentionMaps: true });
        if (attention.Rate is not null)
            pass.Trace!.AttentionMaps.Add(attention.Rate);
        if (pass.Trace?.Spikes is { } spikes)
            AttentionCounts.Observe(spikes, _layer, attention.Spikes, attention.Pairs, attention.O.Values);

        return Fire(_layers.OutProj.Forward(attention.O), SpikeSite.AttentionOut, pass);
    }

    private Tensor Fire(Tensor x, SpikeSite site, OptPass pass)
    {
        Tensor s = Ops.LifSpikes(x, _spiking.Neuron);
        pass.Trace?.Spikes?.Observe(_layer, site, s);
        return s;
    }
}
