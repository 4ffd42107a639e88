using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>The neurons in front of one projection when a model runs: kind, threshold, and what a spike stands for.</summary>
internal readonly struct SpikeRule
{
    private readonly SpikingConfig _config;
    private readonly LifDynamics _lif;

    /// <summary>Neurons at a threshold of their own.</summary>
    public SpikeRule(SpikingConfig config, float threshold)
    {
        (_config, Threshold, Unit) = (config, threshold, config.Unit(threshold));
        _lif = config.Neuron == NeuronKind.Lif ? config.Lif.Dynamics() : default;
    }

    /// <summary>V_th</summary>
    public float Threshold { get; }

    /// <summary>The input that one spike stands for.</summary>
    public float Unit { get; }

    /// <summary>D</summary>
    public int Levels => _config.Levels;

    /// <summary>The same neurons at another threshold.</summary>
    public SpikeRule At(float threshold) => new(_config, threshold);

    /// <summary>Spikes of one vector, as events.</summary>
    public void Fire(ReadOnlySpan<float> x, SpikeEvents events, bool sorts)
    {
        if (_config.Neuron == NeuronKind.Lif)
            events.Fire(x, Threshold, _lif, sorts);
        else
            events.Fire(x, Threshold, hasSign: _config.LowestCount < 0, sorts);
    }

    /// <summary>Spikes of a span.</summary>
    public float[] Spikes(ReadOnlySpan<float> x) => Fire(new Tensor(new Shape(x.Length), x.ToArray())).ToArray();

    /// <summary>Spikes of any shape.</summary>
    public Tensor Fire(Tensor x) => _config.Neuron switch
    {
        NeuronKind.TiLif => Ops.TiLif(x, Levels, Threshold),
        NeuronKind.ILif => Ops.ILif(x, Levels, Threshold),
        _ => Ops.LifCount(Ops.Div(x, new Tensor(new Shape(1), new float[] { Threshold })), Levels, _config.Lif),
    };
}
