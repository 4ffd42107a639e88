namespace SpikeEngine.Model.Opt;

/// <summary>A block of a language model: attention, then the feed-forward part.</summary>
internal interface IOptBlock
{
    /// <summary>[..., B, T, D] to the same.</summary>
    Tensor Forward(Tensor x, OptPass pass);
}

/// <summary>A dense block, as in OPT: x += out_proj(attention(LN(x))), x += fc2(ReLU(fc1(LN(x)))); in opt-350m each norm is behind its sum.</summary>
internal sealed class OptBlock : Module, IOptBlock
{
    private readonly OptConfig _config;
    private readonly Linear _qProj, _kProj, _vProj, _outProj, _fc1, _fc2;
    private readonly LayerNorm _attentionNorm, _finalNorm;

    public OptBlock(ParameterScope scope, OptConfig config)
        : base(scope)
    {
        _config = config;
        int d = config.DModel;
        ParameterScope attention = scope / "self_attn";
        InitialScales scales = InitialScales.Of(config);
        _qProj = new Linear(attention / "q_proj", d, d, config.HasAttentionBias, scales.Query);
        _kProj = new Linear(attention / "k_proj", d, d, config.HasAttentionBias, scales.Query);
        _vProj = new Linear(attention / "v_proj", d, d, config.HasAttentionBias, scales.Value);
        _outProj = new Linear(attention / "out_proj", d, d, config.HasAttentionBias, scales.Out);
        _attentionNorm = new LayerNorm(scope / "self_attn_layer_norm", d, config.NormEpsilon);
        _fc1 = new Linear(scope / "fc1", d, config.FfnDim, config.UseBias, scales.Fc1);
        _fc2 = new Linear(scope / "fc2", config.FfnDim, d, config.UseBias, scales.Fc2);
        _finalNorm = new LayerNorm(scope / "final_layer_norm", d, config.NormEpsilon);
    }

    public Tensor Forward(Tensor x, OptPass pass)
    {
        using var running = Running();
        Tensor u = _config.NormBefore ? _attentionNorm.Forward(x) : x;
        Tensor? map = null;
        if (pass.Trace is { KeepsAttentionMaps: true })
            pass.Trace.AttentionMaps.Add(map = new Tensor(x.Shape[0], _config.HeadCount, x.Shape[1], x.Shape[1]));
        Tensor attention = Ops.CausalAttention(_qProj.Forward(u), _kProj.Forward(u), _vProj.Forward(u), _config.HeadCount, pass.Starts, map);
        x = _outProj.Forward(attention, residual: x);
        if (!_config.NormBefore)
            x = _attentionNorm.Forward(x);
        u = _config.NormBefore ? _finalNorm.Forward(x) : x;
        x = _fc2.Forward(Ops.Relu(_fc1.Forward(u)), residual: x);
        return _config.NormBefore ? x : _finalNorm.Forward(x);
    }
}
