namespace SpikeEngine.Model.Energy;

/// <summary>
/// Energy of one operation, and of one byte that is moved, in picojoules. The defaults are for 45 nm: Horowitz, "Computing's energy
/// problem", ISSCC 2014, figure 1.1.9: of 32-bit floats a multiplication 3.7 and an addition 0.9, of whole numbers 0.2 (8 bits) and 0.1 (32 bits);
/// of 64 bits from a cache of 32 KB 20, of 1 MB 100, from DRAM 1,300 to 2,600.
/// </summary>
public sealed record EnergyConstants
{
    /// <summary>E_MAC: one multiplication and one addition of 32-bit floats, as SpikingMamba and its field use it.</summary>
    public double MultiplyAccumulate { get; init; } = 4.6;

    /// <summary>E_AC: one addition of 32-bit floats.</summary>
    public double Accumulate { get; init; } = 0.9;

    /// <summary>E_MAC8: one multiplication of bytes, added to a sum of 32 bits.</summary>
    public double Int8MultiplyAccumulate { get; init; } = 0.3;

    /// <summary>E_AC8: a byte added to a sum of 32 bits.</summary>
    public double Int8Accumulate { get; init; } = 0.1;

    /// <summary>E_neuron: one update of a neuron, as one addition. The paper counts none; it is in the figures with memory only.</summary>
    public double NeuronUpdate { get; init; } = 0.9;

    /// <summary>E_DRAM: one byte from memory, by the lower of Horowitz's figures (640 pJ for 32 bits in the literature on accelerators is the same).</summary>
    public double DramByte { get; init; } = 162.5;

    /// <summary>E_SRAM: one byte from a large memory on the chip, 1 MB.</summary>
    public double SramByte { get; init; } = 12.5;

    /// <summary>E_cache: one byte of an activation, which stays in a small cache of 32 KB.</summary>
    public double CacheByte { get; init; } = 2.5;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first constant that is no energy.</summary>
    public void Validate()
    {
        Require(nameof(MultiplyAccumulate), MultiplyAccumulate);
        Require(nameof(Accumulate), Accumulate);
        Require(nameof(Int8MultiplyAccumulate), Int8MultiplyAccumulate);
        Require(nameof(Int8Accumulate), Int8Accumulate);
        Require(nameof(NeuronUpdate), NeuronUpdate);
        Require(nameof(DramByte), DramByte);
        Require(nameof(SramByte), SramByte);
        Require(nameof(CacheByte), CacheByte);

        static void Require(string name, double value)
        {
            if (!double.IsFinite(value) || value < 0)
                throw new ArgumentException($"{name} is {value}, not a number of picojoules from 0 on.");
        }
    }
}
