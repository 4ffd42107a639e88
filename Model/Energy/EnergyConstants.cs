namespace SpikeEngine.Model.Energy;

/// <summary>
/// Energy of one arithmetic operation. The defaults are for 45 nm and 32-bit floats: Horowitz, "Computing's energy
/// problem", ISSCC 2014 (multiply 3.7 pJ, add 0.9 pJ), as SpikingMamba and its field use them.
/// </summary>
public sealed record EnergyConstants
{
    /// <summary>One multiplication and one addition, in picojoules.</summary>
    public double MultiplyAccumulate { get; init; } = 4.6;

    /// <summary>One addition, in picojoules.</summary>
    public double Accumulate { get; init; } = 0.9;
}
