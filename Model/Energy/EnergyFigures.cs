namespace SpikeEngine.Model.Energy;

/// <summary>Operations and bytes per token, and the energy that they are modelled to take.</summary>
/// <param name="Counts">What is counted.</param>
/// <param name="Constants">Energy of an operation.</param>
public sealed record EnergyFigures(EnergyCounts Counts, EnergyConstants Constants)
{
    /// <inheritdoc cref="EnergyCounts.DenseMacs"/>
    public double DenseMacs => Counts.DenseMacs;

    /// <inheritdoc cref="EnergyCounts.SpikingMacs"/>
    public double SpikingMacs => Counts.SpikingMacs;

    /// <inheritdoc cref="EnergyCounts.UnrolledAccumulates"/>
    public double UnrolledAccumulates => Counts.UnrolledAccumulates;

    /// <inheritdoc cref="EnergyCounts.LevelAccumulates"/>
    public double LevelAccumulates => Counts.LevelAccumulates;

    /// <summary>Arithmetic of the dense model: E_MAC · MACs.</summary>
    public double DensePicojoules => Constants.MultiplyAccumulate * DenseMacs;

    /// <summary>Arithmetic of the spiking one as the paper counts, with <see cref="UnrolledAccumulates"/>: E_MAC · remaining MACs + E_AC · ACs.</summary>
    public double SpikingPicojoules => Remaining + Constants.Accumulate * UnrolledAccumulates;

    /// <summary>The same with <see cref="LevelAccumulates"/>.</summary>
    public double SpikingLevelPicojoules => Remaining + Constants.Accumulate * LevelAccumulates;

    /// <summary>Arithmetic of the dense model whose projections multiply bytes with bytes; everything else remains in floats.</summary>
    public double DenseInt8Picojoules => Remaining + Constants.Int8MultiplyAccumulate * (DenseMacs - SpikingMacs);

    /// <summary>Arithmetic of the spiking one whose projections add bytes, with <see cref="LevelAccumulates"/>.</summary>
    public double SpikingInt8Picojoules => Remaining + Constants.Int8Accumulate * LevelAccumulates;

    /// <summary>The dense model with memory: arithmetic, weights and states from DRAM, activations from a cache.</summary>
    public double DenseMemoryPicojoules => DensePicojoules + Moved(Counts.DenseWeightBytes + Counts.StateBytes, Counts.ActivationBytes, Constants.DramByte);

    /// <summary>The spiking one with memory and neurons; accumulates by level, for which a weight is read once.</summary>
    public double SpikingMemoryPicojoules => SpikingOnChipOr(Constants.DramByte);

    /// <summary>The dense model with weights and states in a memory on the chip.</summary>
    public double DenseOnChipPicojoules => DensePicojoules + Moved(Counts.DenseWeightBytes + Counts.StateBytes, Counts.ActivationBytes, Constants.SramByte);

    /// <summary>The spiking one with weights and states in a memory on the chip.</summary>
    public double SpikingOnChipPicojoules => SpikingOnChipOr(Constants.SramByte);

    /// <summary>How many times less energy the spiking model takes, as the paper counts; infinite for a part that never spikes.</summary>
    public double Benefit => DensePicojoules / SpikingPicojoules;

    /// <summary>The same by <see cref="LevelAccumulates"/>.</summary>
    public double LevelBenefit => DensePicojoules / SpikingLevelPicojoules;

    /// <summary>The same with memory.</summary>
    public double MemoryBenefit => DenseMemoryPicojoules / SpikingMemoryPicojoules;

    /// <summary>The same with a memory on the chip.</summary>
    public double OnChipBenefit => DenseOnChipPicojoules / SpikingOnChipPicojoules;

    private double Remaining => Constants.MultiplyAccumulate * SpikingMacs;

    private double SpikingOnChipOr(double weightByte) =>
        SpikingLevelPicojoules + Constants.NeuronUpdate * Counts.NeuronUpdates
        + Moved(Counts.SpikingWeightBytes + Counts.SpikingStateBytes, Counts.ActivationBytes + Counts.SpikeBytes, weightByte);

    private double Moved(double weightsAndStates, double activations, double weightByte) => weightByte * weightsAndStates + Constants.CacheByte * activations;
}
