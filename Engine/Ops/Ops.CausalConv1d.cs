using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int ConvSteps = 64;   // steps in a piece: the K - 1 steps computed twice are 5 % of it

    /// <summary>
    /// Causal depthwise convolution (Mamba2):  y[b, t, c] = f(bias[c] + Σ_k weight[c, 0, k] * x[b, t - K + 1 + k, c]),
    /// f = silu or the identity.
    /// </summary>
    /// <param name="x">[batch, time, channels]</param>
    /// <param name="weight">[channels, 1, K]; tap K - 1 meets the current step.</param>
    /// <param name="bias">[channels], or null.</param>
    /// <param name="silu">Whether f is silu.</param>
    /// <param name="initialState">[batch, channels, K]: the last K inputs before x, of which the newest K - 1 count; zeros when null.</param>
    /// <param name="starts">[batch, time]: true where a document starts, across which taps do not reach; empty for nowhere. Kept, not copied.</param>
    /// <returns>[batch, time, channels]</returns>
    public static Tensor CausalConv1d(
        Tensor x, Tensor weight, Tensor? bias = null, bool silu = true, Tensor? initialState = null, ReadOnlyMemory<bool> starts = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        if (x.Shape.Rank != 3)
            throw new ArgumentException($"x is {x.Shape}; it must be [batch, time, channels].", nameof(x));
        if (weight.Shape.Rank != 3 || weight.Shape[0] != x.Columns || weight.Shape[1] != 1 || weight.Shape[2] < 1)
            throw new ArgumentException($"weight is {weight.Shape}, x is {x.Shape}: weight must be [{x.Columns}, 1, K].", nameof(weight));
        if (bias is not null)
            RequireLength(bias, nameof(bias), x.Columns, x, nameof(x));
        RequireConvState(x, initialState, weight.Shape[2]);
        RequireStarts(starts, x.Shape[0], x.Shape[1]);

        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        Convolution c = new(x, Transpose(weight, 1), bias, silu, initialState is null ? default : Transpose(initialState, x.Shape[0]), starts);
        RowParallel.For(c.Pieces, 1, (c, y), static (s, start, end) =>
        {
            for (int piece = start; piece < end; piece++)
                s.c.Forward(piece, s.y);
        }, heavy: true);

        return Tape.Record(y, [x, weight, bias ?? weight, initialState ?? x], (c, weight, initialState), static (saved, y) =>
        {
            (Convolution c, Tensor weight, Tensor? initialState) = saved;
            bool isFirst = ClearsInParts(c.X);
            PrepareGrads(y);
            int kernel = weight.Shape[2], channels = weight.Shape[0];
            bool learns = weight.NeedsGrad || c.Bias is { NeedsGrad: true };
            Span<float> gradWeight = Workspace.Rent(learns ? (kernel + 1) * channels : 0).Span;
            gradWeight.Clear();
            Memory<float> gradState = Workspace.Rent(initialState is { NeedsGrad: true } ? c.State.Length : 0);
            gradState.Span.Clear();
            Memory<float> rings = Workspace.Rent(c.Pieces * kernel * channels);

            RowParallel.ForWithSum(c.Pieces, 1, gradWeight, (c, y, gradState, rings, isFirst), static (s, start, end, sum) =>
            {
                int ring = s.c.Weight.Length;
                for (int piece = start; piece < end; piece++)
                    s.c.Backward(piece, s.y, s.isFirst, s.rings.Span.Slice(piece * ring, ring), s.gradState.Span, sum);
            }, heavy: true);

            if (weight.NeedsGrad)
                AddTransposed(gradWeight, weight.Grad, 1, channels, kernel);
            if (c.Bias is { NeedsGrad: true })
                Simd.Run(new AddScaled { X = gradWeight[^channels..], Y = c.Bias.Grad });
            if (initialState is { NeedsGrad: true })
                AddTransposed(gradState.Span, initialState.Grad, initialState.Shape[0], channels, kernel);
        }, inDouble: static (saved, v) => CausalConv1dInDouble(
            v[0], v[1], saved.c.Bias is null ? null : v[2], saved.initialState is null ? null : v[3], saved.c.Silu, saved.c.X.Shape, saved.c.Starts));
    }

    /// <summary>
    /// What a convolution hands to the next stretch of a sequence: the last K inputs, newest last, with the initial state
    /// (or zeros) in front when there are fewer.
    /// </summary>
    /// <param name="x">[batch, time, channels], before the convolution.</param>
    /// <param name="kernel">K.</param>
    /// <param name="initialState">[batch, channels, K], or null for zeros.</param>
    /// <returns>[batch, channels, K]</returns>
    public static Tensor CausalConv1dState(Tensor x, int kernel, Tensor? initialState = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kernel);
        if (x.Shape.Rank != 3)
            throw new ArgumentException($"x is {x.Shape}; it must be [batch, time, channels].", nameof(x));
        RequireConvState(x, initialState, kernel);

        using var timing = Profiler.Time();
        Tensor state = new(x.Shape[0], x.Columns, kernel);
        int time = x.Shape[1], channels = x.Columns;
        for (int i = 0; i < state.Count; i++)
        {
            int step = time - kernel + i % kernel, row = i / kernel;
            state.Values[i] = step >= 0 ? x.Values[(row / channels * time + step) * channels + row % channels]
                : initialState is not null ? initialState.Values[(row + 1) * kernel + step]
                : 0f;
        }

        return Tape.Record(state, [x, initialState ?? x], (x, initialState, kernel), static (saved, state) =>
        {
            (Tensor x, Tensor? initialState, int kernel) = saved;
            int time = x.Shape[1], channels = x.Columns;
            Span<float> gradX = x.Grad, gradInitial = initialState is null ? [] : initialState.Grad;
            for (int i = 0; i < state.Count; i++)
            {
                int step = time - kernel + i % kernel, row = i / kernel;
                if (step >= 0 && !gradX.IsEmpty)
                    gradX[(row / channels * time + step) * channels + row % channels] += state.Grad[i];
                else if (step < 0 && !gradInitial.IsEmpty)
                    gradInitial[(row + 1) * kernel + step] += state.Grad[i];
            }
        }, inDouble: static (saved, v) => CausalConv1dStateInDouble(
            v[0], saved.initialState is null ? null : v[1], saved.kernel, saved.x.Shape));
    }

    private static void RequireConvState(Tensor x, Tensor? initialState, int kernel)
    {
        Shape wanted = new(x.Shape[0], x.Columns, kernel);
        if (initialState is not null && initialState.Shape != wanted)
            throw new ArgumentException($"initialState is {initialState.Shape}, x is {x.Shape}: initialState must be {wanted}.", nameof(initialState));
    }

    /// <summary>[batch, channels, K] to [batch, K, channels].</summary>
    private static Memory<float> Transpose(Tensor source, int batch)
    {
        int kernel = source.Columns, channels = source.Count / Math.Max(1, batch * kernel);
        Memory<float> target = Workspace.Rent(source.Count);
        Span<float> from = source.Values, to = target.Span;
        for (int i = 0; i < from.Length; i++)
            to[(i / kernel / channels * kernel + i % kernel) * channels + i / kernel % channels] = from[i];
        return target;
    }

    /// <summary>Adds [batch, K, channels] to [batch, channels, K].</summary>
    private static void AddTransposed(ReadOnlySpan<float> source, Span<float> target, int batch, int channels, int kernel)
    {
        for (int i = 0; i < batch * channels * kernel; i++)
            target[i] += source[(i / kernel / channels * kernel + i % kernel) * channels + i / kernel % channels];
    }

    /// <summary>One convolution: its arguments, with lanes over channels, and how it is cut into pieces.</summary>
    /// <param name="X">[batch, time, channels]</param>
    /// <param name="Weight">[1, K, channels]</param>
    /// <param name="Bias">[channels]</param>
    /// <param name="Silu">Whether silu follows.</param>
    /// <param name="State">[batch, K, channels], or empty.</param>
    /// <param name="Starts">[batch, time], or empty.</param>
    private readonly record struct Convolution(
        Tensor X, Memory<float> Weight, Tensor? Bias, bool Silu, Memory<float> State, ReadOnlyMemory<bool> Starts)
    {
        private int Time => X.Shape[1];

        private int PiecesPerSequence => (Time + ConvSteps - 1) / ConvSteps;

        public int Pieces => X.Shape[0] * PiecesPerSequence;

        public void Forward(int piece, Tensor y)
        {
            (int batch, int start, int end) = Locate(piece);
            Simd.Run(new CausalConv1dForward
            {
                X = Sequence(X.Values, batch, X),
                Weight = Weight.Span,
                Bias = Bias is null ? [] : Bias.Values,
                State = Sequence(State.Span, batch, X),
                Starts = StartsOf(Starts, batch, Time),
                Channels = X.Columns,
                Silu = Silu,
                Start = start,
                End = end,
                Y = Sequence(y.Values, batch, y),
            });
        }

        public void Backward(int piece, Tensor y, bool isFirst, Span<float> ring, Span<float> gradState, Span<float> gradWeight)
        {
            (int batch, int start, int end) = Locate(piece);
            Simd.Run(new CausalConv1dBackward
            {
                GradY = Sequence(y.Grad, batch, y),
                X = Sequence(X.Values, batch, X),
                Weight = Weight.Span,
                Bias = Bias is null ? [] : Bias.Values,
                State = Sequence(State.Span, batch, X),
                Starts = StartsOf(Starts, batch, Time),
                Channels = X.Columns,
                Silu = Silu,
                Start = start,
                End = end,
                Ring = ring,
                GradX = X.NeedsGrad ? Sequence(X.Grad, batch, X) : [],
                IsFirst = isFirst,
                GradState = Sequence(gradState, batch, X),
                GradWeight = gradWeight,
            });
        }

        private (int Batch, int Start, int End) Locate(int piece)
        {
            int start = piece % PiecesPerSequence * ConvSteps;
            return (piece / PiecesPerSequence, start, Math.Min(start + ConvSteps, Time));
        }

        private static Span<float> Sequence(Span<float> all, int batch, Tensor x)
        {
            int length = all.Length / x.Shape[0];
            return all.Slice(batch * length, length);
        }
    }
}
