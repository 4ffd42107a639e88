namespace SpikeEngine.Model.Spiking;

/// <summary>The neurons in front of a projection in training: spikes, the surrogate gradient and, if asked for, its compensation. No state across tokens.</summary>
internal sealed class Neuron
{
    private readonly SpikingConfig _config;
    private readonly SmoothedCompensation? _compensation;
    private readonly SpikeGradient _gradient;
    private readonly Tensor _constant;

    /// <summary>Asks the scope for the threshold, if it is a parameter.</summary>
    /// <param name="scope">Where that is.</param>
    /// <param name="config">The kind of neuron.</param>
    /// <param name="compensation">Shared by all neurons of the model; null for none.</param>
    public Neuron(ParameterScope scope, SpikingConfig config, SmoothedCompensation? compensation)
    {
        if (config.Neuron == NeuronKind.Lif && compensation is not null)
            throw new ArgumentException("Compensation is for the counts of integer neurons; LIF has none in one step.", nameof(compensation));
        (_config, _compensation) = (config, compensation);
        _gradient = new SpikeGradient { Surrogate = config.SurrogateInUse, Alpha = config.Alpha };
        _constant = new Tensor(new Shape(1), new float[] { config.Threshold });
        if (config.OwnThresholds)
            Threshold = scope.Get(ModelTensors.Threshold, [1], ModelTensors.InitialThreshold(config));
    }

    /// <summary>V_th [1] when it is a parameter, else null.</summary>
    public Parameter? Threshold { get; }

    /// <summary>What came in, with the threshold it meets.</summary>
    /// <param name="x">What came in.</param>
    /// <param name="outputs">Of the projection behind.</param>
    public NeuronInput Seen(Tensor x, int outputs) => new(x, Threshold ?? _constant, _config.LowestCount < 0, outputs);

    /// <summary>Spike counts of x, in its shape.</summary>
    public Tensor Fire(Tensor x) => _config.Neuron switch
    {
        NeuronKind.TiLif => Ops.TiLif(x, Threshold ?? _constant, _config.Levels, Gradient()),
        NeuronKind.ILif => Ops.ILif(x, Threshold ?? _constant, _config.Levels, Gradient()),
        _ => Ops.LifCount(Ops.Div(x, Threshold ?? _constant), _config.Levels, _config.Lif),
    };

    /// <summary>A weight by which spikes stand for what came in: W times <see cref="SpikingConfig.Unit"/>, and W itself when that is 1.</summary>
    public Tensor Scaled(Tensor weight)
    {
        if (Threshold is not null)
            return Ops.Mul(weight, LearnedUnit(Threshold));
        float unit = _config.Unit(_config.Threshold);
        return unit == 1f ? weight : Ops.Scale(weight, unit);
    }

    /// <summary>What the smooth path makes of x, in the unit of x.</summary>
    public Tensor Smooth(Tensor x)
    {
        float threshold = (Threshold ?? _constant).Values[0];
        return Ops.Scale(_compensation!.Smooth(x, threshold, _config.Levels), _config.Unit(threshold));
    }

    /// <summary>What the spikes stand for, in the unit of x.</summary>
    public Tensor Meaning(Tensor spikes) =>
        Threshold is not null ? Ops.Mul(spikes, LearnedUnit(Threshold)) : Ops.Scale(spikes, _config.Unit(_config.Threshold));

    /// <summary><see cref="SpikingConfig.Unit"/>, which the threshold learns by.</summary>
    private Tensor LearnedUnit(Parameter threshold) =>
        _config.Neuron == NeuronKind.Lif ? Ops.Div(threshold, new Tensor(new Shape(1), new float[] { _config.Levels })) : threshold;

    private SpikeGradient Gradient() => _compensation is { Lambda: not 0f, Form: CompensationForm.ValuePreserving or CompensationForm.Zones } compensation
        ? _gradient with
        {
            Compensation = compensation.Lambda,
            CompensationForm = compensation.Form == CompensationForm.Zones ? SlopeCompensation.Zones : SlopeCompensation.Smooth,
            CompensationWidth = compensation.Width,
        }
        : _gradient;
}
