using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>The units that put a spiking network's counts into the place of an ANN's activations (SNN2ANN, section 3.3).</summary>
public enum MappingUnit
{
    /// <summary>Spike counts as they are.</summary>
    Stsu,

    /// <summary>Counts where the ANN's unit is on; "noisy spikes", of a unit that is off, are left out.</summary>
    Resu,
}

public static partial class Ops
{
    /// <summary>
    /// Spike counts in the place of activations, with the gradient of the activations (SNN2ANN, arXiv 2206.09449, section 3.3):  STSU y = c,
    /// ReSU y = c · 1[x > 0];  dy/dx = 1 for both, without a mask of its own: that of the ReLU in front is enough. Nothing flows to the counts.
    /// </summary>
    /// <param name="x">What the ReLU gives, any shape.</param>
    /// <param name="counts">c = Σ_t s_t in the shape of x, a constant.</param>
    /// <param name="unit">Which one.</param>
    /// <returns>In the shape of x.</returns>
    /// <exception cref="ArgumentException">Shapes differ.</exception>
    public static Tensor SpikeMapping(Tensor x, Tensor counts, MappingUnit unit)
    {
        RequireCounts(x, counts);
        using var timing = Profiler.Time();
        Tensor y = unit == MappingUnit.Stsu ? BinaryValue(x, counts, default(Stsu)) : BinaryValue(x, counts, default(Resu));
        return Tape.Record(
            y, [x], (x, counts, unit), static (saved, y) => AddToGrad(saved.x, y.GradMemory),
            inDouble: static (saved, v) => [.. v[0].Select((x, i) => Mapped(x, saved.counts.Values[i], saved.unit))],
            surrogate: static (saved, v) => [.. v[0].Select((x, i) => Mapped(saved.x.Values[i], saved.counts.Values[i], saved.unit) + (x - saved.x.Values[i]))]);
    }

    /// <summary>Share of the units that are off and have spiked all the same (SNN2ANN, section 3.4). No gradient.</summary>
    /// <param name="x">Activations, or what the ReLU gets, any shape.</param>
    /// <param name="counts">c in the shape of x.</param>
    /// <exception cref="ArgumentException">Shapes differ.</exception>
    public static float NoisyShare(Tensor x, Tensor counts)
    {
        RequireCounts(x, counts);
        if (x.Count == 0)
            return 0f;

        // Of each first entry alone: sums below 2^24 are exact, and a tenth shall be a tenth.
        Tensor noisy = BinaryValue(x, counts, default(Noisy));
        long total = 0;
        foreach (float sum in Sum(noisy.Reshape(noisy.Shape[0], noisy.Count / noisy.Shape[0]), axis: 1).Values)
            total += (long)sum;
        return (float)((double)total / noisy.Count);
    }

    private static double Mapped(double x, double count, MappingUnit unit) => unit == MappingUnit.Stsu || x > 0 ? count : 0;

    private static void RequireCounts(Tensor x, Tensor counts)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Shape != x.Shape)
            throw new ArgumentException($"counts is {counts.Shape}, x {x.Shape}; they must be equal.", nameof(counts));
    }
}
