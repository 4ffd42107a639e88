using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Back through the steps of a leaky integrate-and-fire neuron of which only spikes were kept. They are run again: that is cheaper than to keep their potentials, which would be as many numbers as the input.</summary>
/// <typeparam name="TSurrogate">The slope of a spike at h - threshold.</typeparam>
public readonly ref struct LifSpikesBackward<TSurrogate> : ISimdKernel
    where TSurrogate : struct, ISurrogate
{
    /// <summary>Most steps.</summary>
    public const int MostSteps = 64;

    /// <summary>The neuron.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>The slope.</summary>
    public required TSurrogate Surrogate { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>v before the first step.</summary>
    public required float Start { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[T, count], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>Neurons in a row.</summary>
    public required int Count { get; init; }

    /// <summary>First neuron of this piece.</summary>
    public required int From { get; init; }

    /// <summary>End of this piece.</summary>
    public required int To { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradS.Length && X.Length == GradX.Length && X.Length <= MostSteps * (long)Count);
        Apply<Lanes1>(Apply<L>(From, stackalloc float[MostSteps * L.Count]), stackalloc float[MostSteps]);
    }

    private int Apply<L>(int i, Span<float> charges)
        where L : struct, ILanes<L>
    {
        LifDynamics neuron = Neuron;
        int last = X.Length - Count;
        L threshold = L.Splat(neuron.Threshold), keep = L.Splat(neuron.Keep), input = L.Splat(neuron.Input);
        for (; i <= To - L.Count; i += L.Count)
        {
            L v = L.Splat(Start);
            int kept = 0;
            for (int at = i; at < X.Length; at += Count, kept += L.Count)
            {
                L h = neuron.Charge(v, L.Load(X, at));
                v = neuron.After(h, neuron.Fire(h));
                L.Store(h, charges, kept);
            }

            L fromNext = L.Zero;
            for (int at = last + i; at >= 0; at -= Count)
            {
                kept -= L.Count;
                L h = L.Load(charges, kept);
                L gradH = neuron.GradCharge(L.Load(GradS, at), fromNext, h, neuron.Fire(h), Surrogate.Slope(h - threshold));
                fromNext = keep * gradH;
                L.Store(L.MulAdd(input, gradH, L.Load(GradX, at)), GradX, at);
            }
        }

        return i;
    }
}
