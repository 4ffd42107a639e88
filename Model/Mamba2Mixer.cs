using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>The parameters of a Mamba2 mixer; <see cref="MixerPass"/> has its equations.</summary>
public sealed class Mamba2Mixer : Module, IMixerWeights
{
    private readonly Mamba2Config _config;
    private readonly int _layer;
    private readonly SpikingInput? _spikesIn;
    private readonly SpikingInput? _spikesOut;
    private readonly Linear.Parts _zxbcdt;

    internal Mamba2Mixer(ParameterScope scope, Mamba2Config config, int layer, SmoothedCompensation? compensation)
        : base(scope)
    {
        _config = config;
        _layer = layer;

        DtBias = scope.Get("dt_bias", [config.HeadCount], ModelTensors.InitialTimeSteps);
        ALog = scope.Get("A_log", [config.HeadCount], ModelTensors.InitialDecays);
        D = scope.Get("D", [config.HeadCount], Init.Ones);
        ParameterScope conv = scope / "conv1d";
        ConvWeight = conv.Get("weight", [config.ConvChannels, 1, config.DConv], Init.KaimingUniform(config.DConv), decays: true);
        ConvBias = config.UseConvBias ? conv.Get("bias", [config.ConvChannels], Init.KaimingUniform(config.DConv)) : null;
        InProj = new Linear(scope / "in_proj", config.DModel, config.InProjRows, config.UseBias);
        _zxbcdt = InProj.Split(config.DInner, config.ConvChannels, config.HeadCount);
        NormWeight = (scope / "norm").Get("weight", [config.DInner], Init.Ones);
        OutProj = new Linear(scope / "out_proj", config.DInner, config.DModel, config.UseBias, ModelTensors.OutProjScale(config));
        if (config.Spiking is { } spiking)
        {
            _spikesIn = new SpikingInput(scope / ModelTensors.InNeuron, InProj, spiking, compensation);
            _spikesOut = new SpikingInput(scope / ModelTensors.OutNeuron, OutProj, spiking, compensation);
        }
    }

    /// <summary>in_proj: rows z, x, B, C, dt.</summary>
    public Linear InProj { get; }

    /// <summary>out_proj.</summary>
    public Linear OutProj { get; }

    /// <summary>conv1d.weight [ConvChannels, 1, DConv].</summary>
    public Parameter ConvWeight { get; }

    /// <summary>conv1d.bias [ConvChannels], or null.</summary>
    public Parameter? ConvBias { get; }

    /// <summary>dt_bias [H].</summary>
    public Parameter DtBias { get; }

    /// <summary>A_log [H].</summary>
    public Parameter ALog { get; }

    /// <summary>D [H].</summary>
    public Parameter D { get; }

    /// <summary>norm.weight [DInner], of the gated norm.</summary>
    public Parameter NormWeight { get; }

    Mamba2Config IMixerWeights.Config => _config;

    int IMixerWeights.Layer => _layer;

    Tensor IMixerWeights.ConvWeight => ConvWeight;

    Tensor? IMixerWeights.ConvBias => ConvBias;

    Tensor IMixerWeights.DtBias => DtBias;

    Tensor IMixerWeights.A => Ops.NegExp(ALog);

    Tensor IMixerWeights.D => D;

    Tensor IMixerWeights.NormWeight => NormWeight;

    /// <summary>residual + mixer(u), all [B, T, D].</summary>
    internal Tensor Forward(Tensor u, Tensor residual, PassContext context)
    {
        using var running = Running();
        return MixerPass.Run(this, u, residual, context);
    }

    /// <summary>V_th of the neurons in front of in_proj [1] when it is a parameter, else null.</summary>
    public Parameter? InThreshold => _spikesIn?.Neuron.Threshold;

    /// <summary>V_th of the neurons in front of out_proj [1] when it is a parameter, else null.</summary>
    public Parameter? OutThreshold => _spikesOut?.Neuron.Threshold;

    Tensor[] IMixerWeights.In(Tensor u, ForwardTrace? trace) => _spikesIn is { } spikes
        ? spikes.Forward(u, _zxbcdt, Fire(spikes, u, SpikeSite.InProj, trace))
        : _zxbcdt.Forward(u);

    Tensor IMixerWeights.Out(Tensor gated, Tensor? residual, ForwardTrace? trace) => _spikesOut is { } spikes
        ? spikes.Forward(gated, residual, Fire(spikes, gated, SpikeSite.OutProj, trace))
        : OutProj.Forward(gated, residual);

    private Tensor Fire(SpikingInput input, Tensor x, SpikeSite site, ForwardTrace? trace)
    {
        if (trace is { KeepsNeuronInputs: true })
            trace.NeuronInputs.Add(input.Seen(x));
        Tensor spikes = input.Neuron.Fire(x);
        if (!Tape.IsSecondRun)
            trace?.Spikes?.Observe(_layer, site, spikes);
        return spikes;
    }
}
