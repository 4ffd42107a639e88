using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y[t, c] = f(bias[c] + Σ_k weight[k, c] * x[t - K + 1 + k, c]) for the steps [Start, End) of one sequence, f = silu or
/// the identity. Steps before the first come from the state, or are 0. For steps of a document those before its start are 0.
/// </summary>
public readonly ref struct CausalConv1dForward : ISimdKernel
{
    private const int BlockSteps = 4;

    /// <summary>[time, channels], the whole sequence.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[K, channels]: transposed, so that lanes run over channels.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[channels], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[K, channels], the inputs before the first, oldest first; or empty.</summary>
    public required ReadOnlySpan<float> State { get; init; }

    /// <summary>[time]: where documents start, taps do not reach across; or empty.</summary>
    public ReadOnlySpan<bool> Starts { get; init; }

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
        int kernel = Weight.Length / Channels;
        for (int t = Start; t < End;)
        {
            if (kernel == 4 && t >= 3 && t + BlockSteps <= End && !CausalConv1dTaps.AreCut(Starts, t - 3, t + BlockSteps))
            {
                FourTaps<Lanes1>(t, FourTaps<L>(t, 0));
                t += BlockSteps;
                continue;
            }

            CausalConv1dTaps taps = new()
            {
                X = X, Weight = Weight, Bias = Bias, State = State, Channels = Channels, Step = t,
                Skipped = CausalConv1dTaps.SkippedAt(t, kernel, Starts),
            };
            Span<float> y = Y.Slice(t * Channels, Channels);
            Row<Lanes1>(taps, Silu, y, Row<L>(taps, Silu, y, 0));
            t++;
        }
    }

    /// <summary>Steps from t on with four taps, none of them in the state: nearly all in practice. Taps are loaded once for a block.</summary>
    private int FourTaps<L>(int t, int c)
        where L : struct, ILanes<L>
    {
        int n = Channels, steps = BlockSteps * n;
        ReadOnlySpan<float> x = X.Slice((t - 3) * n, steps + 3 * n), weight = Weight, bias = Bias;
        Span<float> y = Y.Slice(t * n, steps);
        bool silu = Silu;
        for (; c <= n - L.Count; c += L.Count)
        {
            L w0 = L.Load(weight, c), w1 = L.Load(weight, n + c), w2 = L.Load(weight, 2 * n + c), w3 = L.Load(weight, 3 * n + c);
            L start = bias.IsEmpty ? L.Zero : L.Load(bias, c);
            for (int at = c; at < steps; at += n)
            {
                L sum = L.MulAdd(w0, L.Load(x, at), start);
                L.AddProduct(ref sum, w1, L.Load(x, n + at));
                L.AddProduct(ref sum, w2, L.Load(x, 2 * n + at));
                L.AddProduct(ref sum, w3, L.Load(x, 3 * n + at));
                L.Store(silu ? default(Kernels.Silu).Value(sum) : sum, y, at);
            }
        }

        return c;
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
    private const int BlockChannels = 1024;   // a page: the rows in use stay in the second-level cache
    private const int BlockSteps = 8;         // a multiple of four, so that g of the last four steps is in four rows of the ring

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

    /// <summary>[time]: where documents start, taps do not reach across; or empty.</summary>
    public ReadOnlySpan<bool> Starts { get; init; }

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
        Span<float> g = stackalloc float[(3 + BlockSteps) * L.Count];
        for (int c = 0; c < Channels; c += BlockChannels)
        {
            int end = Math.Min(c + BlockChannels, Channels);
            for (int t = Start; t < last; t++)
            {
                // Steps with four taps, all inside the piece, and everything wanted: nearly all of them in practice.
                if (kernel == 4 && t - 3 >= Start && t + BlockSteps <= End && !GradX.IsEmpty && !GradWeight.IsEmpty
                    && !CausalConv1dTaps.AreCut(Starts, t - 3, t + BlockSteps))
                {
                    FourTaps<Lanes1>(t, g, FourTaps<L>(t, g, c, end), end);
                    t += BlockSteps - 1;
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

    /// <summary>
    /// As <see cref="Local"/> and <see cref="Gather"/> for some steps from t on and K = 4, with few loads and stores for each: first g of all
    /// these steps, for which taps stay in registers, then what is made of them, for which the taps' gradients do.
    /// </summary>
    private int FourTaps<L>(int t, Span<float> g, int c, int end)
        where L : struct, ILanes<L>
    {
        int n = Channels, steps = BlockSteps * n, lanes = L.Count;
        ReadOnlySpan<float> x = X.Slice((t - 3) * n, steps + 3 * n), gradY = GradY.Slice(t * n, steps), weight = Weight, bias = Bias;
        Span<float> gradX = GradX.Slice((t - 3) * n, steps), gradWeight = GradWeight, ring = Ring;
        int row0 = t % 4 * n, row1 = (t + 1) % 4 * n, row2 = (t + 2) % 4 * n, row3 = (t + 3) % 4 * n;
        bool silu = Silu, isFirst = IsFirst;
        for (; c <= end - L.Count; c += L.Count)
        {
            L w0 = L.Load(weight, c), w1 = L.Load(weight, n + c), w2 = L.Load(weight, 2 * n + c), w3 = L.Load(weight, 3 * n + c);
            L.Store(L.Load(ring, row1 + c), g, 0);
            L.Store(L.Load(ring, row2 + c), g, lanes);
            L.Store(L.Load(ring, row3 + c), g, 2 * lanes);
            L start = bias.IsEmpty ? L.Zero : L.Load(bias, c);
            for (int at = c, to = 3 * lanes; at < steps; at += n, to += lanes)
            {
                L each = L.Load(gradY, at);
                if (silu)
                {
                    L pre = L.MulAdd(w0, L.Load(x, at), start);
                    L.AddProduct(ref pre, w1, L.Load(x, n + at));
                    L.AddProduct(ref pre, w2, L.Load(x, 2 * n + at));
                    L.AddProduct(ref pre, w3, L.Load(x, 3 * n + at));
                    each *= default(Kernels.Silu).Slope(pre);
                }

                L.Store(each, g, to);
            }

            L sum0 = L.Load(gradWeight, c), sum1 = L.Load(gradWeight, n + c), sum2 = L.Load(gradWeight, 2 * n + c);
            L sum3 = L.Load(gradWeight, 3 * n + c), sumOfG = L.Load(gradWeight, 4 * n + c);
            for (int at = c, from = 0; at < steps; at += n, from += lanes)
            {
                L each = L.Load(g, from + 3 * lanes);
                L.AddProduct(ref sum0, each, L.Load(x, at));
                L.AddProduct(ref sum1, each, L.Load(x, n + at));
                L.AddProduct(ref sum2, each, L.Load(x, 2 * n + at));
                L.AddProduct(ref sum3, each, L.Load(x, 3 * n + at));
                sumOfG += each;

                L sum = isFirst ? L.Zero : L.Load(gradX, at);
                L.AddProduct(ref sum, w3, L.Load(g, from));
                L.AddProduct(ref sum, w2, L.Load(g, from + lanes));
                L.AddProduct(ref sum, w1, L.Load(g, from + 2 * lanes));
                L.AddProduct(ref sum, w0, each);
                L.Store(sum, gradX, at);
            }

            L.Store(sum0, gradWeight, c);
            L.Store(sum1, gradWeight, n + c);
            L.Store(sum2, gradWeight, 2 * n + c);
            L.Store(sum3, gradWeight, 3 * n + c);
            L.Store(sumOfG, gradWeight, 4 * n + c);
            L.Store(L.Load(g, (BlockSteps - 1) * lanes), ring, row0 + c);
            L.Store(L.Load(g, BlockSteps * lanes), ring, row1 + c);
            L.Store(L.Load(g, (BlockSteps + 1) * lanes), ring, row2 + c);
            L.Store(L.Load(g, (BlockSteps + 2) * lanes), ring, row3 + c);
        }

        return c;
    }

    /// <summary>g of step t into the ring, and the parameters' share of it.</summary>
    private int Local<L>(int t, int kernel, int c, int end)
        where L : struct, ILanes<L>
    {
        CausalConv1dTaps taps = new()
        {
            X = X, Weight = Weight, Bias = Bias, State = State, Channels = Channels, Step = t,
            Skipped = CausalConv1dTaps.SkippedAt(t, kernel, Starts),
        };
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
        int lowest = kernel - CausalConv1dTaps.ReachFrom(source, kernel, Starts);
        for (; c <= end - L.Count; c += L.Count)
        {
            L sum = L.Load(gradSource, c);
            int row = phase;
            for (int k = kernel - 1; k >= lowest; k--)
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

    /// <summary>How many of the oldest inputs belong to another document, so that the step does not see them.</summary>
    public required int Skipped { get; init; }

    /// <summary>Whether a document starts inside the steps [from, end), so that taps between them are cut.</summary>
    public static bool AreCut(ReadOnlySpan<bool> starts, int from, int end) => !starts.IsEmpty && starts[(from + 1)..end].Contains(true);

    /// <summary><see cref="Skipped"/> of a step.</summary>
    public static int SkippedAt(int step, int kernel, ReadOnlySpan<bool> starts)
    {
        if (starts.IsEmpty)
            return 0;
        int from = Math.Max(0, step - kernel + 2), last = starts[from..(step + 1)].LastIndexOf(true);
        return last < 0 ? 0 : kernel - 1 - (step - from - last);
    }

    /// <summary>How many steps see an input: K, or those until the next document starts.</summary>
    public static int ReachFrom(int source, int kernel, ReadOnlySpan<bool> starts)
    {
        if (starts.IsEmpty)
            return kernel;
        int from = Math.Max(0, source + 1), next = starts[from..Math.Min(source + kernel, starts.Length)].IndexOf(true);
        return next < 0 ? kernel : from + next - source;
    }

    /// <summary>bias + Σ_k weight[k] * x[step - K + 1 + k], for the channels from c on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Sum<L>(int c)
        where L : struct, ILanes<L>
    {
        L sum = Bias.IsEmpty ? L.Zero : L.Load(Bias, c);
        int w = Skipped * Channels + c;
        int source = (Step + 1) * Channels - Weight.Length + w;
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
        int w = Skipped * Channels + c;
        int source = (Step + 1) * Channels - Weight.Length + w;
        for (; w < Weight.Length && source < 0; w += Channels, source += Channels)
        {
            if (!State.IsEmpty)
                L.Store(L.MulAdd(g, L.Load(State, Weight.Length + source), L.Load(gradWeight, w)), gradWeight, w);
        }

        for (; w < Weight.Length; w += Channels, source += Channels)
            L.Store(L.MulAdd(g, L.Load(X, source), L.Load(gradWeight, w)), gradWeight, w);
    }
}
