namespace SpikeEngine.Model.Energy;

/// <summary>What a token takes in one part of a model, dense and spiking: operations, neuron updates and bytes.</summary>
public readonly record struct EnergyCounts
{
    /// <summary>Multiply-accumulates of the dense model.</summary>
    public double DenseMacs { get; init; }

    /// <summary>Multiply-accumulates that remain in the spiking one.</summary>
    public double SpikingMacs { get; init; }

    /// <summary>Additions when every spike is expanded into |s| binary ones: outputs · Σ|s|.</summary>
    public double UnrolledAccumulates { get; init; }

    /// <summary>Additions when an active input is added once and the running sum once per level: outputs · (active + D).</summary>
    public double LevelAccumulates { get; init; }

    /// <summary>Neurons that are updated.</summary>
    public double NeuronUpdates { get; init; }

    /// <summary>Bytes of weights that the dense model reads: all.</summary>
    public double DenseWeightBytes { get; init; }

    /// <summary>Bytes of weights that the spiking model reads: of a projection those of active inputs.</summary>
    public double SpikingWeightBytes { get; init; }

    /// <summary>Bytes of states, or of keys and values, that the dense model reads and writes.</summary>
    public double StateBytes { get; init; }

    /// <summary>The same of the spiking model.</summary>
    public double SpikingStateBytes { get; init; }

    /// <summary>Bytes of activations, read and written as single precision, in either model.</summary>
    public double ActivationBytes { get; init; }

    /// <summary>Bytes of spikes, as positions of active inputs that are written and read.</summary>
    public double SpikeBytes { get; init; }

    /// <summary>All bytes that the dense model moves.</summary>
    public double DenseBytes => DenseWeightBytes + StateBytes + ActivationBytes;

    /// <summary>All bytes that the spiking model moves.</summary>
    public double SpikingBytes => SpikingWeightBytes + SpikingStateBytes + ActivationBytes + SpikeBytes;

    /// <summary>Two parts together.</summary>
    public static EnergyCounts operator +(EnergyCounts a, EnergyCounts b) => new()
    {
        DenseMacs = a.DenseMacs + b.DenseMacs,
        SpikingMacs = a.SpikingMacs + b.SpikingMacs,
        UnrolledAccumulates = a.UnrolledAccumulates + b.UnrolledAccumulates,
        LevelAccumulates = a.LevelAccumulates + b.LevelAccumulates,
        NeuronUpdates = a.NeuronUpdates + b.NeuronUpdates,
        DenseWeightBytes = a.DenseWeightBytes + b.DenseWeightBytes,
        SpikingWeightBytes = a.SpikingWeightBytes + b.SpikingWeightBytes,
        StateBytes = a.StateBytes + b.StateBytes,
        SpikingStateBytes = a.SpikingStateBytes + b.SpikingStateBytes,
        ActivationBytes = a.ActivationBytes + b.ActivationBytes,
        SpikeBytes = a.SpikeBytes + b.SpikeBytes,
    };
}
