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
    private readonly Linear _qProj, _kProj, _vProj, _outProj, _fc1, _fc2;
    private readonly LayerNorm? _attentionNorm, _finalNorm;

    public SpikingBlock(ParameterScope scope, OptConfig config, int layer)
        : base(scope)
    {
        (_config, _spiking, _layer) = (config, config.Spiking!, layer);
        int d = config.DModel;
        ParameterScope attention = scope / "self_attn";
        InitialScales scales = InitialScales.Of(config);
        _qProj = new Linear(attention / "q_proj", d, d, config.HasAttentionBias, scales.Query);
        _kProj = new Linear(attention / "k_proj", d, d, config.HasAttentionBias, scales.Query);
        _vProj = new Linear(attention / "v_proj", d, d, config.HasAttentionBias, scales.Value);
        _outProj = new Linear(attention / "out_proj", d, d, config.HasAttentionBias, scales.Out);
        _attentionNorm = _spiking.PreNorm ? new LayerNorm(scope / "self_attn_layer_norm", d, config.NormEpsilon) : null;
        _fc1 = new Linear(scope / "fc1", d, config.FfnDim, config.UseBias, scales.Fc1);
        _fc2 = new Linear(scope / "fc2", config.FfnDim, d, config.UseBias, scales.Fc2);
        _finalNorm = _spiking.PreNorm ? new LayerNorm(scope / "final_layer_norm", d, config.NormEpsilon) : null;
    }

    /// <summary>[steps, B, T, D] to the same.</summary>
    public Tensor Forward(Tensor x, OptPass pass)
    {
        using var running = Running();
        bool isStream = _spiking.Residual == SpikingResidual.Stream;
        Tensor s = Fire(_attentionNorm?.Forward(x) ?? x, SpikeSite.Attention, pass);
        x = Ops.Add(isStream ? x : s, Attention(s, pass));
        s = Fire(_finalNorm?.Forward(x) ?? x, SpikeSite.Fc1, pass);
        Tensor hidden = Fire(_fc1.ForwardSpikes(s, levels: 1), SpikeSite.Fc2, pass);
        return Ops.Add(isStream ? x : s, Fire(_fc2.ForwardSpikes(hidden, levels: 1), SpikeSite.FeedForwardOut, pass));
    }

    private Tensor Attention(Tensor s, OptPass pass)
    {
        Tensor q = Fire(_qProj.ForwardSpikes(s, levels: 1), SpikeSite.Query, pass);
        Tensor k = Fire(_kProj.ForwardSpikes(s, levels: 1), SpikeSite.Key, pass);
        Tensor v = Fire(_vProj.ForwardSpikes(s, levels: 1), SpikeSite.Value, pass);
        SpikingAttentionResult attention = Ops.SpikingAttention(
            q, k, v, _config.HeadCount, _spiking.Neuron, pass.Starts, keepsRate: pass.Trace is { KeepsAttentionMaps: true });
        if (attention.Rate is not null)
            pass.Trace!.AttentionMaps.Add(attention.Rate);
        if (pass.Trace?.Spikes is { } spikes)
            AttentionCounts.Observe(spikes, _layer, attention.Spikes, attention.Pairs, attention.O.Values);

        return Fire(_outProj.Forward(attention.O), SpikeSite.AttentionOut, pass);
    }

    private Tensor Fire(Tensor x, SpikeSite site, OptPass pass)
    {
        Tensor s = Ops.Lif(x, _spiking.Neuron).S;
        pass.Trace?.Spikes?.Observe(_layer, site, s);
        return s;
    }
}
