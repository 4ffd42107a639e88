using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>What an optimiser keeps for each parameter, made when it is first asked for.</summary>
internal sealed class OptimizerState
{
    private readonly ParameterStore _parameters;
    private readonly OptimizerOptions _options;
    private readonly ParameterGroups _groups;
    private readonly string[] _moments;
    private readonly Dictionary<Parameter, Entry> _entries = [];
    private ulong _seed;

    /// <summary>Of every parameter of a store.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="options">Groups, weight decay, seed and the form of the moments.</param>
    /// <param name="moments">Names of the moments, as in a checkpoint.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a group does nothing.</exception>
    public OptimizerState(ParameterStore parameters, OptimizerOptions options, params string[] moments)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        options.Validate();
        (_parameters, _options, _seed, _moments) = (parameters, options, options.Seed, moments);
        _groups = new ParameterGroups(parameters, options.Groups, options.WeightDecay);
    }

    /// <summary>Parameters in the store, trainable or not.</summary>
    public int Count => _parameters.Parameters.Count;

    /// <summary>One of them; null when a step does not change it.</summary>
    public Entry? Changing(int index)
    {
        Parameter parameter = _parameters.Parameters[index];
        return parameter.Trainable && parameter.HasGrad ? this[parameter] : null;
    }

    /// <summary>What is kept for a parameter.</summary>
    public Entry this[Parameter parameter]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(parameter);
            return _entries.TryGetValue(parameter, out Entry? entry) ? entry : Add(parameter);
        }
    }

    /// <summary>Saves or restores the moments and the number of steps.</summary>
    public long Visit(IStateVisitor state, long steps)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("steps", ref steps);
        if (_options.Moments == MomentType.BFloat16)
            state.Number("seed", ref _seed);
        foreach (Parameter parameter in _parameters.Parameters)
        {
            if (!parameter.Trainable)
                continue;
            foreach (Moment moment in this[parameter].Moments)
                moment.Visit(state);
        }

        return steps;
    }

    /// <summary>The random bits for rounding a moment of a parameter in a step.</summary>
    public RandomKey Noise(Moment moment, long step) => moment.Noise(_seed, step);

    private Entry Add(Parameter parameter)
    {
        (float factor, float decay) = _groups.For(parameter);
        Moment[] moments = Array.ConvertAll(_moments, name => new Moment($"{name}.{parameter.Path}", parameter.Shape, _options.Moments));
        Entry entry = new(parameter, factor, decay, moments);
        _entries.Add(parameter, entry);
        return entry;
    }

    /// <summary>What is kept for one parameter.</summary>
    public sealed record Entry(Parameter Parameter, float LearningRateFactor, float WeightDecay, Moment[] Moments);
}
