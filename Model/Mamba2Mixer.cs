using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// The Mamba2 mixer (Mamba-2 paper, section 7; in SpikingMamba with a neuron in front of both projections):
/// <code>
/// z, xBC, dt = split(W_in u);  xBC = silu(conv1d(xBC));  dt = clamp(softplus(dt + dt_bias))
/// y = SSD(x, dt, -exp(A_log), B, C) + D x;  out = W_out gated_norm(y, z)
/// </code>
/// </summary>
public sealed class Mamba2Mixer : Module
{
    private readonly Mamba2Config _config;
    private readonly int _layer;
    private readonly TiLifNeuron? _neuron;
    private readonly Linear.Parts _zxbcdt;

    internal Mamba2Mixer(ParameterScope scope, Mamba2Config config, int layer, float compensation)
        : base(scope)
    {
        _config = config;
        _layer = layer;
        _neuron = config.Spiking is { } spiking ? new TiLifNeuron(spiking, compensation) : null;

        DtBias = scope.Get("dt_bias", [config.HeadCount], InitialTimeSteps);
        ALog = scope.Get("A_log", [config.HeadCount], InitialDecays);
        D = scope.Get("D", [config.HeadCount], Init.Ones);
        ParameterScope conv = scope / "conv1d";
        ConvWeight = conv.Get("weight", [config.ConvChannels, 1, config.DConv], Init.KaimingUniform(config.DConv), decays: true);
        ConvBias = config.UseConvBias ? conv.Get("bias", [config.ConvChannels], Init.KaimingUniform(config.DConv)) : null;
        InProj = new Linear(scope / "in_proj", config.DModel, config.InProjRows, config.UseBias);
        _zxbcdt = InProj.Split(config.DInner, config.ConvChannels, config.HeadCount);
        NormWeight = (scope / "norm").Get("weight", [config.DInner], Init.Ones);
        OutProj = new Linear(scope / "out_proj", config.DInner, config.DModel, config.UseBias, 1f / MathF.Sqrt(config.LayerCount));
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

    /// <summary>Elements that the gated norm takes together.</summary>
    public int NormGroup => _config.GroupedNorm ? _config.DInner / _config.GroupCount : _config.DInner;

    /// <summary>residual + mixer(u), all [B, T, D]; with a state, the sequence continues from it and the state moves on.</summary>
    internal Tensor Forward(Tensor u, Tensor residual, Mamba2State? state, ForwardTrace? trace)
    {
        using var running = Running();
        int batch = u.Shape[0], length = u.Shape[1];
        Tensor input = Fire(u, SpikeSite.InProj, trace);
        Tensor[] zxbcdt = Project(input);
        (Tensor z, Tensor raw, Tensor dtRaw) = (zxbcdt[0], zxbcdt[1], zxbcdt[2]);

        Tensor? window = state?.ConvTensor(_layer);
        Tensor xbc = Ops.CausalConv1d(raw, ConvWeight, ConvBias, silu: true, window);
        Tensor dt = Ops.TimeStep(dtRaw, DtBias, _config.DtLimitLow, _config.DtLimitHigh);
        (Tensor y, Tensor ssmState) = Ops.Ssd(xbc, dt, Ops.NegExp(ALog), D, SsdShapeFor(batch, length), state?.SsmTensor(_layer));
        state?.Store(_layer, Ops.CausalConv1dState(raw, _config.DConv, window), ssmState);

        Tensor gated = Ops.GatedRmsNorm(y, z, NormWeight, NormGroup, _config.NormEpsilon);
        Tensor last = Fire(gated, SpikeSite.OutProj, trace);
        if (trace is null)
            return Project(last, residual);
        Tensor output = Project(last, residual: null);
        trace.BlockOutputs.Add(output);
        return Ops.Add(residual, output);
    }

    /// <summary>The scan's sizes for a batch of sequences.</summary>
    internal SsdShape SsdShapeFor(int batch, int length) =>
        new(batch, length, _config.HeadCount, _config.HeadDim, _config.GroupCount, _config.DState, _config.ChunkSize);

    private Tensor[] Project(Tensor input) =>
        _config.Spiking is { } spiking ? _zxbcdt.ForwardSpikes(input, spiking.Levels) : _zxbcdt.Forward(input);

    private Tensor Project(Tensor input, Tensor? residual) =>
        _config.Spiking is { } spiking ? OutProj.ForwardSpikes(input, spiking.Levels, residual) : OutProj.Forward(input, residual);

    private Tensor Fire(Tensor x, SpikeSite site, ForwardTrace? trace)
    {
        if (_neuron is null)
            return x;
        Tensor spikes = _neuron.Forward(x);
        trace?.Spikes?.Observe(_layer, site, spikes.Values);
        return spikes;
    }

    /// <summary>A uniform in [1, 16], A_log its logarithm.</summary>
    private static void InitialDecays(Span<float> values, SeededRandom random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)DoubleMath.Log(1 + 15 * random.NextFloat());
    }

    /// <summary>dt log-uniform in [0.001, 0.1]; dt_bias is its inverse softplus.</summary>
    private static void InitialTimeSteps(Span<float> values, SeededRandom random)
    {
        const double Smallest = 1e-3, Largest = 0.1;
        for (int i = 0; i < values.Length; i++)
        {
            double dt = Smallest * DoubleMath.Exp(random.NextFloat() * DoubleMath.Log(Largest / Smallest));
            values[i] = (float)(dt + DoubleMath.Log(1 - DoubleMath.Exp(-dt)));
        }
    }
}
