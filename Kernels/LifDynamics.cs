namespace SpikeEngine.Kernels;

/// <summary>One step of a leaky integrate-and-fire neuron:  h = Keep v + Input x + Shift;  s = (h ≥ Threshold);  then the reset.</summary>
/// <param name="Keep">What is left of the membrane potential, 1 - 1/tau.</param>
/// <param name="Input">What an input adds.</param>
/// <param name="Shift">What the resting potential adds.</param>
/// <param name="Threshold">Where it fires.</param>
/// <param name="Reset">What a spike takes away (soft), or what the potential is after one (hard).</param>
/// <param name="Hard">Which of the two.</param>
/// <param name="Detached">Whether the reset carries no gradient.</param>
/// <param name="Levels">0 for a binary spike; otherwise a step gives the whole number round(h / Threshold) from 0 to this (I-LIF).</param>
public readonly record struct LifDynamics(float Keep, float Input, float Shift, float Threshold, float Reset, bool Hard, bool Detached, float Levels)
{
    /// <summary>h</summary>
    public L Charge<L>(L v, L x)
        where L : struct, ILanes<L> => L.MulAdd(L.Splat(Keep), v, L.MulAdd(L.Splat(Input), x, L.Splat(Shift)));

    /// <summary>s; a NaN does not spike.</summary>
    public L Fire<L>(L h)
        where L : struct, ILanes<L> => Levels == 0f
            ? L.Select(L.LessThan(L.Splat(MathF.BitDecrement(Threshold)), h), L.One, L.Zero)
            : L.Max(L.Zero, L.Min(L.Splat(Levels), L.Round(h / L.Splat(Threshold))));

    /// <summary>v after the spike.</summary>
    public L After<L>(L h, L s)
        where L : struct, ILanes<L> => Hard ? (L.One - s) * h + s * L.Splat(Reset) : h - s * L.Splat(Reset);

    /// <summary>The gradient of h, from those of s and of v, with the surrogate's slope at h.</summary>
    public L GradCharge<L>(L gradS, L gradV, L h, L s, L slope)
        where L : struct, ILanes<L>
    {
        L through = Hard ? L.One - s : L.One;
        if (!Detached)
            through += (Hard ? L.Splat(Reset) - h : -L.Splat(Reset)) * slope;
        return L.MulAdd(gradS, slope, gradV * through);
    }
}
