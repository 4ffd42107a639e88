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
    private readonly OptLayers _layers;

    public OptBlock(ParameterScope scope, OptConfig config)
        : base(scope)
    {
        _config = config;
        _layers = new OptLayers(scope, config);
    }

    public Tensor Forward(Tensor x, OptPass pass)
    {
        using var running = Running();
        Tensor u = _config.NormBefore ? _layers.AttentionNorm!.Forward(x) : x;
        Tensor? map = null;
        if (pass.Trace is { KeepsAttentionMaps: true })
            pass.Trace.AttentionMaps.Add(map = new Tensor(x.Shape[0], _config.HeadCount, x.Shape[1], x.Shape[1]));
        Tensor attention = Ops.CausalAttention(_layers.QProj.Forward(u), _layers.KProj.Forward(u), _layers.VProj.Forward(u), _config.HeadCount, pass.Starts, map);
        x = _layers.OutProj.Forward(attention, residual: x);
        if (!_config.NormBefore)
            x = _layers.AttentionNorm!.Forward(x);
        u = _config.NormBefore ? _layers.FinalNorm!.Forward(x) : x;
        x = _layers.Fc2.Forward(Ops.Relu(_layers.Fc1.Forward(u)), residual: x);
        return _config.NormBefore ? x : _layers.FinalNorm!.Forward(x);
    }
}
