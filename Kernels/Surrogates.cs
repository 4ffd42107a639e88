namespace SpikeEngine.Kernels;

/// <summary>The slope that stands in for that of a step at u = 0. The area below each is 1, that of the step, unless a factor changes it.</summary>
public interface ISurrogate
{
    /// <summary>The slope.</summary>
    L Slope<L>(L u)
        where L : struct, ILanes<L>;

    /// <summary>The function whose slope it is, up to a constant: what gradients are checked against.</summary>
    double Primitive(double u);
}

/// <summary>α where |u| ≤ 1 / (2α).</summary>
/// <param name="Alpha">α</param>
public readonly record struct RectangularSurrogate(float Alpha) : ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L> => L.Select(L.LessThan(L.Splat(0.5f / Alpha), L.Abs(u)), L.Zero, L.Splat(Alpha));

    /// <inheritdoc/>
    public double Primitive(double u) => Math.Clamp(Alpha * u, -0.5, 0.5);
}

/// <summary>1 / threshold where 0 ≤ h / threshold ≤ D, with u = h - threshold: a step of an integer neuron (I-LIF).</summary>
/// <param name="Threshold">V_th</param>
/// <param name="Levels">D</param>
public readonly record struct IntegerSurrogate(float Threshold, float Levels) : ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L h = u + L.Splat(Threshold);
        L below = L.Select(L.LessThan(h, L.Zero), L.Zero, L.Splat(1f / Threshold));
        return L.Select(L.LessThan(L.Splat(Levels * Threshold), h), L.Zero, below);
    }

    /// <inheritdoc/>
    public double Primitive(double u) => Math.Clamp((u + Threshold) / Threshold, 0, Levels);
}

/// <summary>Another one, times a factor.</summary>
/// <typeparam name="TSurrogate">The other.</typeparam>
/// <param name="Surrogate">The other.</param>
/// <param name="Factor">The factor.</param>
public readonly record struct ScaledSurrogate<TSurrogate>(TSurrogate Surrogate, float Factor) : ISurrogate
    where TSurrogate : struct, ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L> => L.Splat(Factor) * Surrogate.Slope(u);

    /// <inheritdoc/>
    public double Primitive(double u) => Factor * Surrogate.Primitive(u);
}

/// <summary>α/2 / (1 + (π α u / 2)²)</summary>
/// <param name="Alpha">α</param>
public readonly record struct ArctanSurrogate(float Alpha) : ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L w = u * L.Splat(0.5f * MathF.PI * Alpha);
        return L.Splat(0.5f * Alpha) / L.MulAdd(w, w, L.One);
    }

    /// <inheritdoc/>
    public double Primitive(double u) => Math.Atan(0.5 * Math.PI * Alpha * u) / Math.PI;
}

/// <summary>α σ(α u) σ(-α u)</summary>
/// <param name="Alpha">α</param>
public readonly record struct SigmoidSurrogate(float Alpha) : ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L> => L.Splat(Alpha) * default(Sigmoid).Slope(L.Splat(Alpha) * u);

    /// <inheritdoc/>
    public double Primitive(double u) => 1 / (1 + Math.Exp(-Alpha * u));
}

/// <summary>α max(0, 1 - α|u|)</summary>
/// <param name="Alpha">α</param>
public readonly record struct TriangularSurrogate(float Alpha) : ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L alpha = L.Splat(Alpha);
        return alpha * L.Max(L.Zero, L.One - alpha * L.Abs(u));
    }

    /// <inheritdoc/>
    public double Primitive(double u)
    {
        double w = Math.Clamp(Alpha * u, -1, 1);
        return w - 0.5 * w * Math.Abs(w);
    }
}
