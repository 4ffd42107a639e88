using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// Exponential moving average of the weights (Polyak and Juditsky 1992): a += (1 - d) (w - a) after each step, with
/// d = min(decay, (1 + s) / (10 + s)) in step s, so that the first weights are soon forgotten.
/// </summary>
public sealed class WeightAverage : ITrainingState
{
    private const int Grain = 16_384;
    private const double WarmUp = 10;

    private readonly Parameter[] _parameters;
    private readonly Memory<float>[] _averages;
    private readonly double _decay;
    private long _updates;
    private bool _swapped;

    /// <summary>Begins with the weights as they are. Parameters that are frozen now are left out.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="decay">In (0, 1), such as 0.999: how much of the average a step leaves.</param>
    public WeightAverage(ParameterStore parameters, double decay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (decay is not (> 0 and < 1))
            throw new ArgumentException(FormattableString.Invariant($"The decay of averaged weights is {decay}; it must be between 0 and 1."), nameof(decay));
        _decay = decay;
        _parameters = [.. parameters.Parameters.Where(parameter => parameter.Trainable)];
        _averages = [.. _parameters.Select(parameter => AlignedMemory.Allocate(parameter.Count))];
        for (int i = 0; i < _parameters.Length; i++)
            _parameters[i].Values.CopyTo(_averages[i].Span);
    }

    /// <summary>Moves the averages towards the weights that a step has made.</summary>
    /// <exception cref="InvalidOperationException">The averages are in the place of the weights.</exception>
    public void Update()
    {
        RequireWeights();
        float share = (float)(1 - Math.Min(_decay, (1.0 + _updates) / (WarmUp + _updates)));
        _updates++;
        for (int i = 0; i < _parameters.Length; i++)
        {
            RowParallel.For(_parameters[i].Count, Grain, (Weights: _parameters[i], Average: _averages[i], share), static (s, start, end) =>
                Simd.Run(new MoveTowards { X = s.Weights.Values[start..end], Share = s.share, Y = s.Average.Span[start..end] }));
        }
    }

    /// <summary>Puts the averages in the place of the weights, to measure or to save them, until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">They are there now.</exception>
    public IDisposable Swap()
    {
        RequireWeights();
        Exchange();
        return new Swapped(this);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The averages are in the place of the weights.</exception>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        RequireWeights();
        state.Number("updates", ref _updates);
        for (int i = 0; i < _parameters.Length; i++)
            state.Floats(_parameters[i].Path, _parameters[i].Shape.Dims, _averages[i]);
    }

    private void RequireWeights()
    {
        if (_swapped)
            throw new InvalidOperationException("The averages are in the place of the weights.");
    }

    private void Exchange()
    {
        _swapped = !_swapped;
        for (int i = 0; i < _parameters.Length; i++)
        {
            Span<float> weights = _parameters[i].Values, averages = _averages[i].Span;
            for (int at = 0; at < weights.Length; at++)
                (weights[at], averages[at]) = (averages[at], weights[at]);
        }
    }

    private sealed class Swapped(WeightAverage average) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (!_done)
                average.Exchange();
            _done = true;
        }
    }
}
