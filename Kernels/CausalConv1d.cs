using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y[t, c] = f(bias[c] + Σ_k weight[k, c] * x[t - K + 1 + k, c]) for the steps [Start, End) of one sequence, f = silu or
/// the identity. Steps before the first come from the state, or are 0.
/// </summary>
public readonly ref struct CausalConv1dForward : ISimdKernel
{
    /// <summary>[time, channels], the whole sequence.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[K, channels]: transposed, so that lanes run over channels.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[channels], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[K, channels], the inputs before the first, oldest first; or empty.</summary>
    public required ReadOnlySpan<float> State { get; init; }

    /// <summary>Number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Whether f is silu.</summary>
    public required bool Silu { get; init; }

    /// <summary>First step.</summary>
    public required int Start { get; init; }

    /// <summary>End of the steps.</summary>
    public required int End { get; init; }

    /// <summary>[time, channels], of which the steps are written.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int t = Start; t < End; t++)
        {
            CausalConv1dTaps taps = new() { X = X, Weight = Weight, Bias = Bias, State = State, Channels = Channels, Step = t };
            Span<float> y = Y.Slice(t * Channels, Channels);
            Row<Lanes1>(taps, Silu, y, Row<L>(taps, Silu, y, 0));
        }
    }

    private static int Row<L>(CausalConv1dTaps taps, bool silu, Span<float> y, int c)
        where L : struct, ILanes<L>
    {
        for (; c <= y.Length - L.Count; c += L.Count)
        {
            L sum = taps.Sum<L>(c);
            L.Store(silu ? default(Kernels.Silu).Value(sum) : sum, y, c);
        }

        return c;
    }
}

/// <summary>
/// With g[t] = grad_y[t] * f'(pre[t]):  grad_x[s] += Σ_k weight[k] * g[s + K - 1 - k],  grad_weight[k] += Σ_t g[t] * x[t - K + 1 + k],
/// grad_bias += Σ_t g[t], for the steps [Start, End). The pre-activations are computed again: K multiply-adds cost less
/// than writing and reading them. g of the K - 1 steps after End is computed too, so that pieces need not wait for each other.
/// </summary>
public readonly ref struct CausalConv1dBackward : ISimdKernel
{
    private const int BlockChannels = 256;   // the rows in use, 15 kB at K = 4, stay in the first-level cache

    /// <summary>[time, channels], the whole sequence.</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[time, channels], the whole sequence.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[K, channels]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[channels], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[K, channels], oldest first; or empty.</summary>
    public required ReadOnlySpan<float> State { get; init; }

    /// <summary>Number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Whether f is silu.</summary>
    public required bool Silu { get; init; }

    /// <summary>First step.</summary>
    public required int Start { get; init; }

    /// <summary>End of the steps.</summary>
    public required int End { get; init; }

    /// <summary>[K, channels], scratch: g of the last K steps, step t in row t mod K.</summary>
    public required Span<float> Ring { get; init; }

    /// <summary>[time, channels], accumulated for the steps; empty when not wanted.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>Whether nothing has been added to <see cref="GradX"/> yet: it is overwritten, and need not be zeros.</summary>
    public bool IsFirst { get; init; }

    /// <summary>[K, channels], accumulated when Start is 0; empty when not wanted.</summary>
    public required Span<float> GradState { get; init; }

    /// <summary>[K + 1, channels], accumulated: the taps, then the bias; empty when not wanted.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Ring.Length == Weight.Length);
        int kernel = Weight.Length / Channels, time = X.Length / Channels;
        bool gathers = !GradX.IsEmpty || !GradState.IsEmpty;
        int last = gathers ? End + kernel - 1 : End;
        Ring.Clear();
        for (int c = 0; c < Channels; c += BlockChannels)
        {
            int end = Math.Min(c + BlockChannels, Channels);
            for (int t = Start; t < last; t++)
            {
                // Steps with four taps, all inside the piece, and everything wanted: nearly all of them in practice.
                if (kernel == 4 && t - 3 >= Start && t < End && !GradX.IsEmpty && !GradWeight.IsEmpty)
                {
                    FourTaps<Lanes1>(t, FourTaps<L>(t, c, end), end);
                    continue;
                }

                if (t < time)
                    Local<Lanes1>(t, kernel, Local<L>(t, kernel, c, end), end);
                else
                    Ring.Slice(t % kernel * Channels + c, end - c).Clear();

                int source = t - kernel + 1;
                Span<float> gradSource = source >= Start ? (GradX.IsEmpty ? [] : GradX.Slice(source * Channels, Channels))
                    : Start == 0 && !GradState.IsEmpty ? GradState.Slice((kernel + source) * Channels, Channels)
                    : [];
                if (IsFirst && source >= Start && !gradSource.IsEmpty)
                    gradSource[c..end].Clear();
                if (!gradSource.IsEmpty)
                    Gather<Lanes1>(gradSource, source, kernel, Gather<L>(gradSource, source, kernel, c, end), end);
            }
        }
    }

    /// <summary>As <see cref="Local"/> and <see cref="Gather"/> for K = 4, in one pass and without inner loops.</summary>
    private int FourTaps<L>(int t, int c, int end)
        where L : struct, ILanes<L>
    {
        int n = Channels;
        ReadOnlySpan<float> x = X.Slice((t - 3) * n, 4 * n), gradY = GradY.Slice(t * n, n), weight = Weight, bias = Bias;
        ReadOnlySpan<float> g0 = Ring.Slice((t + 1) % 4 * n, n), g1 = Ring.Slice((t + 2) % 4 * n, n), g2 = Ring.Slice((t + 3) % 4 * n, n);
        Span<float> g3 = Ring.Slice(t % 4 * n, n), gradX = GradX.Slice((t - 3) * n, n), gradWeight = GradWeight;
        bool silu = Silu, isFirst = IsFirst;
        for (; c <= end - L.Count; c += L.Count)
        {
            L x0 = L.Load(x, c), x1 = L.Load(x, n + c), x2 = L.Load(x, 2 * n + c), x3 = L.Load(x, 3 * n + c);
            L w0 = L.Load(weight, c), w1 = L.Load(weight, n + c), w2 = L.Load(weight, 2 * n + c), w3 = L.Load(weight, 3 * n + c);
            L g = L.Load(gradY, c);
            if (silu)
            {
                L pre = bias.IsEmpty ? x0 * w0 : L.MulAdd(x0, w0, L.Load(bias, c));
                g *= default(Kernels.Silu).Slope(L.MulAdd(x3, w3, L.MulAdd(x2, w2, L.MulAdd(x1, w1, pre))));
            }

            L.Store(g, g3, c);
            L.Store(L.MulAdd(g, x0, L.Load(gradWeight, c)), gradWeight, c);
            L.Store(L.MulAdd(g, x1, L.Load(gradWeight, n + c)), gradWeight, n + c);
            L.Store(L.MulAdd(g, x2, L.Load(gradWeight, 2 * n + c)), gradWeight, 2 * n + c);
            L.Store(L.MulAdd(g, x3, L.Load(gradWeight, 3 * n + c)), gradWeight, 3 * n + c);
            L.Store(L.Load(gradWeight, 4 * n + c) + g, gradWeight, 4 * n + c);

            L sum = L.MulAdd(w3, L.Load(g0, c), isFirst ? L.Zero : L.Load(gradX, c));
            sum = L.MulAdd(w2, L.Load(g1, c), sum);
            sum = L.MulAdd(w1, L.Load(g2, c), sum);
            L.Store(L.MulAdd(w0, g, sum), gradX, c);
        }

        return c;
    }

    /// <summary>g of step t into the ring, and the parameters' share of it.</summary>
    private int Local<L>(int t, int kernel, int c, int end)
        where L : struct, ILanes<L>
    {
        CausalConv1dTaps taps = new() { X = X, Weight = Weight, Bias = Bias, State = State, Channels = Channels, Step = t };
        ReadOnlySpan<float> gradY = GradY.Slice(t * Channels, Channels);
        Span<float> ring = Ring.Slice(t % kernel * Channels, Channels);
        Span<float> gradWeight = t < End ? GradWeight : [];
        int channels = Channels;
        bool silu = Silu;
        for (; c <= end - L.Count; c += L.Count)
        {
            L g = L.Load(gradY, c);
            if (silu)
                g *= default(Kernels.Silu).Slope(taps.Sum<L>(c));
            L.Store(g, ring, c);
            if (gradWeight.IsEmpty)
                continue;
            taps.AddGradWeight(g, gradWeight, c);
            int bias = kernel * channels + c;
            L.Store(L.Load(gradWeight, bias) + g, gradWeight, bias);
        }

        return c;
    }

    private int Gather<L>(Span<float> gradSource, int source, int kernel, int c, int end)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> weight = Weight, ring = Ring;
        int channels = Channels;

        // Before the first step g is 0: the ring starts cleared.
        int phase = (source + kernel) % kernel;
        for (; c <= end - L.Count; c += L.Count)
        {
            L sum = L.Load(gradSource, c);
            int row = phase;
            for (int k = kernel - 1; k >= 0; k--)
            {
                sum = L.MulAdd(L.Load(weight, k * channels + c), L.Load(ring, row * channels + c), sum);
                row = row + 1 == kernel ? 0 : row + 1;
            }

            L.Store(sum, gradSource, c);
        }

        return c;
    }
}

/// <summary>The K inputs that reach one step, and the weights they meet.</summary>
internal readonly ref struct CausalConv1dTaps
{
    public required ReadOnlySpan<float> X { get; init; }

    public required ReadOnlySpan<float> Weight { get; init; }

    public required ReadOnlySpan<float> Bias { get; init; }

    public required ReadOnlySpan<float> State { get; init; }

    public required int Channels { get; init; }

    public required int Step { get; init; }

    /// <summary>bias + Σ_k weight[k] * x[step - K + 1 + k], for the channels from c on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Sum<L>(int c)
        where L : struct, ILanes<L>
    {
        L sum = Bias.IsEmpty ? L.Zero : L.Load(Bias, c);
        int source = (Step + 1) * Channels - Weight.Length + c;
        int w = c;
        for (; w < Weight.Length && source < 0; w += Channels, source += Channels)
        {
            if (!State.IsEmpty)
                sum = L.MulAdd(L.Load(Weight, w), L.Load(State, Weight.Length + source), sum);
        }

        for (; w < Weight.Length; w += Channels, source += Channels)
            sum = L.MulAdd(L.Load(Weight, w), L.Load(X, source), sum);
        return sum;
    }

    /// <summary>grad_weight[k] += g * x[step - K + 1 + k], for the channels from c on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddGradWeight<L>(L g, Span<float> gradWeight, int c)
        where L : struct, ILanes<L>
    {
        int source = (Step + 1) * Channels - Weight.Length + c;
        int w = c;
        for (; w < Weight.Length && source < 0; w += Channels, source += Channels)
        {
            if (!State.IsEmpty)
                L.Store(L.MulAdd(g, L.Load(State, Weight.Length + source), L.Load(gradWeight, w)), gradWeight, w);
        }

        for (; w < Weight.Length; w += Channels, source += Channels)
            L.Store(L.MulAdd(g, L.Load(X, source), L.Load(gradWeight, w)), gradWeight, w);
    }
}
