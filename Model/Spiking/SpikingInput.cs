namespace SpikeEngine.Model.Spiking;

/// <summary>A projection behind its neurons in training, with whatever compensation there is.</summary>
internal sealed class SpikingInput
{
    private const string Branch = "compensation";

    private readonly Linear _projection;
    private readonly int _levels;
    private readonly SmoothedCompensation? _compensation;
    private readonly Parameter? _branch;

    /// <summary>Asks the scope of the neurons for what they need.</summary>
    /// <param name="scope">That of the neurons.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="config">The kind of neuron.</param>
    /// <param name="compensation">Shared by all neurons of the model; null for none.</param>
    public SpikingInput(ParameterScope scope, Linear projection, SpikingConfig config, SmoothedCompensation? compensation)
    {
        (_projection, _levels, _compensation) = (projection, config.Levels, compensation);
        Neuron = new Neuron(scope, config, compensation);
        if (compensation is { Form: CompensationForm.OwnBranch })
            _branch = scope.Get(Branch, projection.Weight.Shape.Dims, (values, _) => projection.Weight.Values.CopyTo(values), decays: true);
    }

    /// <summary>The neurons.</summary>
    public Neuron Neuron { get; }

    /// <summary>What came in, for losses that ask for fewer spikes.</summary>
    public NeuronInput Seen(Tensor x) => Neuron.Seen(x, _projection.Weight.Shape[0]);

    /// <summary>Whether a parameter serves training only, and does not belong to the model that comes of it.</summary>
    public static bool IsTrainingOnly(string path) => path.EndsWith("_neuron." + Branch, StringComparison.Ordinal);

    /// <summary>All outputs in parts: [..., size] for each.</summary>
    /// <param name="x">What the neurons got.</param>
    /// <param name="parts">The projection's parts.</param>
    /// <param name="spikes">What they made of it.</param>
    public Tensor[] Forward(Tensor x, Linear.Parts parts, Tensor spikes)
    {
        if (_compensation is not { EntersForward: true })
            return parts.ForwardSpikes(spikes, _levels, Neuron.Scaled(_projection.Weight));
        if (_branch is null)
            return parts.Forward(Joined(x, spikes));
        Tensor[] y = parts.ForwardSpikes(spikes, _levels, Neuron.Scaled(_projection.Weight));
        Tensor smooth = Ops.Scale(Neuron.Smooth(x), _compensation.Lambda);
        int first = 0;
        return Array.ConvertAll(y, part => Ops.Linear(smooth, _branch.SliceRows((first += part.Columns) - part.Columns, part.Columns), residual: part));
    }

    /// <summary>All outputs, and the residual if it is given.</summary>
    /// <param name="x">What the neurons got.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <param name="spikes">What they made of it.</param>
    public Tensor Forward(Tensor x, Tensor? residual, Tensor spikes)
    {
        if (_compensation is not { EntersForward: true })
            return _projection.ForwardSpikes(spikes, _levels, residual, Neuron.Scaled(_projection.Weight));
        if (_branch is null)
            return _projection.Forward(Joined(x, spikes), residual);
        Tensor y = _projection.ForwardSpikes(spikes, _levels, residual, Neuron.Scaled(_projection.Weight));
        return Ops.Linear(Ops.Scale(Neuron.Smooth(x), _compensation.Lambda), _branch, residual: y);
    }

    /// <summary>Spikes and smooth path as one input: W (a s + λ f), with a = 1 - λ of a mix and 1 of a branch.</summary>
    private Tensor Joined(Tensor x, Tensor spikes)
    {
        float lambda = _compensation!.Lambda, share = _compensation.Form == CompensationForm.Mix ? 1f - lambda : 1f;
        return Ops.Add(Ops.Scale(Neuron.Meaning(spikes), share), Ops.Scale(Neuron.Smooth(x), lambda));
    }
}
