using SpikeEngine.Model;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Distillation;

/// <summary>
/// w · rate as long as rate is above the target (w · max(0, rate - target), but for a constant), with rate = P(s ≠ 0) over all neurons, each weighted with the
/// outputs behind it or all alike. How much a spike is worth to the loss is not known before, so w follows the rate: it is multiplied by
/// e^(0.05 (rate / target - 1)) after every batch, and so stands still where the target is met.
/// </summary>
internal sealed class ActivityPenalty(ActivityOptions options)
{
    private const double Speed = 0.05, MostPerStep = 0.05, Least = 1e-3, Most = 30;

    private double _weight = options.Weight;
    private double _firstRate = double.NaN;
    private double _done;

    /// <summary>The penalty of the last batch, without its weight.</summary>
    public double Loss { get; private set; }

    /// <summary>The share of the last batch.</summary>
    public double Rate { get; private set; }

    /// <summary>The target of this step; not a number before the first batch.</summary>
    public double Target { get; private set; } = double.NaN;

    /// <summary>The weight of the last batch.</summary>
    public double Weight { get; private set; }

    /// <summary>A step begins.</summary>
    /// <param name="done">Share of the steps that are done.</param>
    public void BeginStep(double done) => _done = done;

    /// <summary>The penalty of a batch; null when there is none, and nothing has to be differentiated.</summary>
    /// <param name="inputs">What came to the neurons.</param>
    public Tensor? Of(IReadOnlyList<NeuronInput> inputs)
    {
        long all = inputs.Sum(Size);
        Tensor rate = Share(inputs[0]);
        foreach (NeuronInput input in inputs.Skip(1))
            rate = Ops.Add(rate, Share(input));

        double measured = rate.Item(), wanted = options.Target!.Value;
        if (double.IsNaN(_firstRate))
            _firstRate = Math.Max(measured, wanted);
        double share = options.RampShare == 0 ? 1 : Math.Min(1, _done / options.RampShare);
        Target = _firstRate * Math.Pow(wanted / _firstRate, share);
        (Rate, Weight) = (measured, _weight);
        Loss = Math.Max(0, measured - Target);
        _weight = Math.Clamp(_weight * Math.Exp(Math.Clamp(Speed * (measured / Target - 1), -MostPerStep, MostPerStep)), Least, Most);
        return Loss > 0 ? Ops.Scale(rate, (float)Weight) : null;

        Tensor Share(NeuronInput input) => Ops.Scale(Ops.SpikeActivity(input.X, input.Threshold, input.HasSign), (float)((double)Size(input) / all));

        long Size(NeuronInput input) => (long)input.X.Count * (options.Measure == ActivityMeasure.Operations ? input.Outputs : 1);
    }

    /// <summary>What a resumed run needs.</summary>
    public void Visit(IStateVisitor state)
    {
        state.Number("weight", ref _weight);
        state.Number("first_rate", ref _firstRate);
    }
}
