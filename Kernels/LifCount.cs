using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Spikes of a neuron in T steps with one constant input: the rate code of a value that is presented once. From v = 0.</summary>
public readonly ref struct LifCountForward : ISimdKernel
{
    /// <summary>The neuron.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>T</summary>
    public required int Steps { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]: whole numbers from 0 to T.</summary>
    public required Span<float> S { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == S.Length);
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        LifDynamics neuron = Neuron;
        for (; i <= X.Length - L.Count; i += L.Count)
        {
            L x = L.Load(X, i), v = L.Zero, count = L.Zero;
            for (int step = 0; step < Steps; step++)
            {
                L h = neuron.Charge(v, x), s = neuron.Fire(h);
                v = neuron.After(h, s);
                count += s;
            }

            L.Store(count, S, i);
        }

        return i;
    }
}

/// <summary>The gradient of such a count; the steps are run again, which is cheaper than to keep them.</summary>
/// <typeparam name="TSurrogate">The slope of a spike at h - threshold.</typeparam>
public readonly ref struct LifCountBackward<TSurrogate> : ISimdKernel
    where TSurrogate : struct, ISurrogate
{
    /// <summary>Most steps.</summary>
    public const int MostSteps = 16;

    /// <summary>The neuron.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>T</summary>
    public required int Steps { get; init; }

    /// <summary>The slope.</summary>
    public required TSurrogate Surrogate { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[n], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradS.Length && X.Length == GradX.Length && Steps <= MostSteps);
        Apply<Lanes1>(Apply<L>(0, stackalloc float[MostSteps * L.Count]), stackalloc float[MostSteps]);
    }

    private int Apply<L>(int i, Span<float> charges)
        where L : struct, ILanes<L>
    {
        LifDynamics neuron = Neuron;
        L threshold = L.Splat(neuron.Threshold), keep = L.Splat(neuron.Keep), input = L.Splat(neuron.Input);
        for (; i <= X.Length - L.Count; i += L.Count)
        {
            L x = L.Load(X, i), v = L.Zero;
            for (int step = 0; step < Steps; step++)
            {
                L h = neuron.Charge(v, x);
                v = neuron.After(h, neuron.Fire(h));
                L.Store(h, charges, step * L.Count);
            }

            L gradS = L.Load(GradS, i), gradX = L.Load(GradX, i), fromNext = L.Zero;
            for (int step = Steps - 1; step >= 0; step--)
            {
                L h = L.Load(charges, step * L.Count);
                L gradH = neuron.GradCharge(gradS, fromNext, h, neuron.Fire(h), Surrogate.Slope(h - threshold));
                fromNext = keep * gradH;
                gradX = L.MulAdd(input, gradH, gradX);
            }

            L.Store(gradX, GradX, i);
        }

        return i;
    }
}
