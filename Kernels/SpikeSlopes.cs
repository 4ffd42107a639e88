namespace SpikeEngine.Kernels;

/// <summary>The slope by which a spike count follows u = x / V_th in the backward pass.</summary>
public interface ISpikeSlope
{
    /// <summary>The slope.</summary>
    L Slope<L>(L u)
        where L : struct, ILanes<L>;

    /// <summary>The function whose slope it is, up to a constant.</summary>
    double Primitive(double u);
}

/// <summary>α where lowest ≤ u ≤ highest: the paper's rectangular surrogate.</summary>
/// <param name="Lowest">Smallest count.</param>
/// <param name="Highest">Largest count, D.</param>
/// <param name="Alpha">α</param>
public readonly record struct WindowSlope(float Lowest, float Highest, float Alpha) : ISpikeSlope
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L below = L.Select(L.LessThan(u, L.Splat(Lowest)), L.Zero, L.Splat(Alpha));
        return L.Select(L.LessThan(L.Splat(Highest), u), L.Zero, below);
    }

    /// <inheritdoc/>
    public double Primitive(double u) => Alpha * Math.Clamp(u, Lowest, Highest);
}

/// <summary>α times a surrogate around each of the steps of the staircase, which are half-way between two counts.</summary>
/// <param name="Lowest">Smallest count.</param>
/// <param name="Highest">Largest count, D.</param>
/// <param name="Alpha">α</param>
/// <param name="Step">What stands in for a step.</param>
public readonly record struct StaircaseSlope<TSurrogate>(float Lowest, float Highest, float Alpha, TSurrogate Step) : ISpikeSlope
    where TSurrogate : struct, ISurrogate
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L sum = L.Zero;
        for (float edge = Lowest + 0.5f; edge < Highest; edge++)
            sum += Step.Slope(u - L.Splat(edge));
        return L.Splat(Alpha) * sum;
    }

    /// <inheritdoc/>
    public double Primitive(double u)
    {
        double sum = 0;
        for (double edge = Lowest + 0.5; edge < Highest; edge++)
            sum += Step.Primitive(u - edge);
        return Alpha * sum;
    }
}

/// <summary>
/// Adds λ D/w (1 - tanh²(u/w)), the slope of λ D tanh(u/w): value-preserving smoothed gradient compensation (SGC), a path that the
/// forward pass never sees.
/// </summary>
/// <param name="Inner">The slope without it.</param>
/// <param name="Lambda">λ</param>
/// <param name="Levels">D</param>
/// <param name="Width">w: 1 in the paper.</param>
public readonly record struct CompensatedSlope<TSlope>(TSlope Inner, float Lambda, float Levels, float Width) : ISpikeSlope
    where TSlope : struct, ISpikeSlope
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L> =>
        L.MulAdd(L.Splat(Lambda * Levels / Width), default(Tanh).Slope(u * L.Splat(1f / Width)), Inner.Slope(u));

    /// <inheritdoc/>
    public double Primitive(double u) => Inner.Primitive(u) + Lambda * Levels * Math.Tanh(u / Width);
}

/// <summary>
/// Adds λ in the dead zone |u| &lt; 1/2, where nothing spikes, and beyond the counts, where nothing more can be said: compensation where the
/// spike tells least.
/// </summary>
/// <param name="Inner">The slope without it.</param>
/// <param name="Lambda">λ</param>
/// <param name="Lowest">Smallest count.</param>
/// <param name="Highest">Largest count, D.</param>
public readonly record struct ZonesSlope<TSlope>(TSlope Inner, float Lambda, float Lowest, float Highest) : ISpikeSlope
    where TSlope : struct, ISpikeSlope
{
    /// <inheritdoc/>
    public L Slope<L>(L u)
        where L : struct, ILanes<L>
    {
        L lambda = L.Splat(Lambda);
        L zones = L.Select(L.LessThan(L.Abs(u), L.Splat(0.5f)), lambda, L.Zero);
        zones = L.Select(L.LessThan(u, L.Splat(Lowest)), lambda, zones);
        return L.Select(L.LessThan(L.Splat(Highest), u), lambda, zones) + Inner.Slope(u);
    }

    /// <inheritdoc/>
    public double Primitive(double u)
    {
        // Where |u| < 1/2 and the outside overlap, as left of 0 in a neuron without negative counts, λ is given once.
        double dead = Math.Clamp(u, Math.Max(-0.5, Lowest), 0.5), outside = u - Math.Clamp(u, Lowest, Highest);
        return Inner.Primitive(u) + Lambda * (dead + outside);
    }
}
