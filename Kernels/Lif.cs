using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>A leaky integrate-and-fire neuron over T steps, each with its input, from v = Start.</summary>
public readonly ref struct LifForward : ISimdKernel
{
    /// <summary>The neuron.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>v before the first step.</summary>
    public required float Start { get; init; }

    /// <summary>Neurons in a row.</summary>
    public required int Count { get; init; }

    /// <summary>[T, count]: whole numbers.</summary>
    public required Span<float> S { get; init; }

    /// <summary>[T, count]: the potential after each step's reset; empty, like <see cref="H"/>, when only spikes are wanted.</summary>
    public Span<float> V { get; init; }

    /// <summary>[T, count]: the potential before it.</summary>
    public Span<float> H { get; init; }

    /// <summary>First neuron of this piece.</summary>
    public required int From { get; init; }

    /// <summary>End of this piece.</summary>
    public required int To { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length % Count == 0 && S.Length == X.Length && (V.IsEmpty || V.Length == X.Length) && H.Length == V.Length);
        Apply<Lanes1>(Apply<L>(From));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        LifDynamics neuron = Neuron;
        bool keepsPotentials = !V.IsEmpty;
        for (; i <= To - L.Count; i += L.Count)
        {
            L v = L.Splat(Start);
            for (int at = i; at < X.Length; at += Count)
            {
                L h = neuron.Charge(v, L.Load(X, at)), s = neuron.Fire(h);
                v = neuron.After(h, s);
                L.Store(s, S, at);
                if (!keepsPotentials)
                    continue;
                L.Store(h, H, at);
                L.Store(v, V, at);
            }
        }

        return i;
    }
}

/// <summary>Back through the steps; the gradient also flows through the potential that is left, and through the reset unless that is detached.</summary>
/// <typeparam name="TSurrogate">The slope of a spike at h - threshold.</typeparam>
public readonly ref struct LifBackward<TSurrogate> : ISimdKernel
    where TSurrogate : struct, ISurrogate
{
    /// <summary>The neuron.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>The slope.</summary>
    public required TSurrogate Surrogate { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> S { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> H { get; init; }

    /// <summary>[T, count]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[T, count]; empty for none.</summary>
    public required ReadOnlySpan<float> GradV { get; init; }

    /// <summary>[T, count]; empty for none.</summary>
    public required ReadOnlySpan<float> GradH { get; init; }

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
        Debug.Assert(S.Length == H.Length && GradS.Length == H.Length && GradX.Length == H.Length);
        Apply<Lanes1>(Apply<L>(From));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        LifDynamics neuron = Neuron;
        L threshold = L.Splat(neuron.Threshold), keep = L.Splat(neuron.Keep), input = L.Splat(neuron.Input);
        for (; i <= To - L.Count; i += L.Count)
        {
            L fromNext = L.Zero;
            for (int at = H.Length - Count + i; at >= 0; at -= Count)
            {
                L h = L.Load(H, at);
                L gradV = GradV.IsEmpty ? fromNext : fromNext + L.Load(GradV, at);
                L gradH = neuron.GradCharge(L.Load(GradS, at), gradV, h, L.Load(S, at), Surrogate.Slope(h - threshold));
                if (!GradH.IsEmpty)
                    gradH += L.Load(GradH, at);
                fromNext = keep * gradH;
                L.Store(L.MulAdd(input, gradH, L.Load(GradX, at)), GradX, at);
            }
        }

        return i;
    }
}
