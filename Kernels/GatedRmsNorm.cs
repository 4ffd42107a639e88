using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// For each group of a row:  gate first (Mamba2):  v = y * silu(z),  out = v * rstd(v) * weight;
/// norm first:  out = y * rstd(y) * weight * silu(z);  rstd(v) = 1 / sqrt(mean(v²) + eps).
/// </summary>
public readonly ref struct GatedRmsNormForward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[rows, dim], the gate before its SiLU.</summary>
    public required ReadOnlySpan<float> Z { get; init; }

    /// <summary>[dim]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Elements normalised together; divides dim.</summary>
    public required int GroupSize { get; init; }

    /// <summary>Added to the mean square.</summary>
    public required float Eps { get; init; }

    /// <summary>Whether the norm comes before the gate.</summary>
    public required bool NormBeforeGate { get; init; }

    /// <summary>[rows, dim]</summary>
    public required Span<float> Out { get; init; }

    /// <summary>[rows, dim / group size], kept for the backward pass.</summary>
    public required Span<float> Rstd { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Y.Length == Rstd.Length * GroupSize && Z.Length == Y.Length && Out.Length == Y.Length);
        int size = GroupSize, groupsPerRow = Weight.Length / size;
        for (int group = 0; group < Rstd.Length; group++)
        {
            ReadOnlySpan<float> y = Y.Slice(group * size, size);
            Span<float> result = Out.Slice(group * size, size);
            ReadOnlySpan<float> weight = Weight.Slice(group % groupsPerRow * size, size);

            // out holds y * silu(z) either way, so the exponential is taken once.
            ReadOnlySpan<float> z = Z.Slice(group * size, size);
            Gate<Lanes1>(y, z, result, Gate<L>(y, z, result, 0));
            ReadOnlySpan<float> normed = NormBeforeGate ? y : result;
            float rstd = Rstd[group] = 1f / MathF.Sqrt(Reduce.Dot<L>(normed, normed) / size + Eps);
            Scale<Lanes1>(y, z, weight, rstd, result, Scale<L>(y, z, weight, rstd, result, 0));
        }
    }

    private static int Gate<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> z, Span<float> result, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.Load(y, i) * default(Silu).Value(L.Load(z, i)), result, i);
        return i;
    }

    private static int Scale<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> z, ReadOnlySpan<float> weight, float rstd, Span<float> result, int i)
        where L : struct, ILanes<L>
    {
        L scale = L.Splat(rstd);
        for (; i <= result.Length - L.Count; i += L.Count)
        {
            L.Store(L.Load(result, i) * scale * L.Load(weight, i), result, i);
            Prefetch.Line(y, i + y.Length);   // the next group: memory works while exponentials are taken
            Prefetch.Line(z, i + z.Length);
        }

        return i;
    }
}

/// <summary>
/// With gw = grad_out * weight, m = mean(grad_out * out) over the group, u = silu(z):
/// gate first, n = y * u * rstd:  g = rstd * (gw - n * m),  grad_y += g * u,  grad_z += g * y * silu'(z),  grad_weight += grad_out * n;
/// norm first, n = y * rstd:  grad_y += rstd * (gw * u - n * m),  grad_z += gw * n * silu'(z),  grad_weight += grad_out * n * u.
/// </summary>
public readonly ref struct GatedRmsNormBackward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> GradOut { get; init; }

    /// <summary>[rows, dim], from the forward pass: grad_out * out is gw * n (or gw * n * u) without another exponential.</summary>
    public required ReadOnlySpan<float> Out { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Z { get; init; }

    /// <summary>[dim]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Elements normalised together.</summary>
    public required int GroupSize { get; init; }

    /// <summary>Whether the norm comes before the gate.</summary>
    public required bool NormBeforeGate { get; init; }

    /// <summary>[rows, dim / group size], from the forward pass.</summary>
    public required ReadOnlySpan<float> Rstd { get; init; }

    /// <summary>[rows, dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradY { get; init; }

    /// <summary>[rows, dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradZ { get; init; }

    /// <summary>[dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Y.Length == Rstd.Length * GroupSize && Z.Length == Y.Length && GradOut.Length == Y.Length);
        int size = GroupSize, groupsPerRow = Weight.Length / size;
        for (int group = 0; group < Rstd.Length; group++)
        {
            int start = group * size, column = group % groupsPerRow * size;
            Group one = new()
            {
                GradOut = GradOut.Slice(start, size),
                Y = Y.Slice(start, size),
                Z = Z.Slice(start, size),
                Weight = Weight.Slice(column, size),
                Rstd = Rstd[group],
                Mean = Reduce.Dot<L>(GradOut.Slice(start, size), Out.Slice(start, size)) / size,
                GradY = GradY.IsEmpty ? [] : GradY.Slice(start, size),
                GradZ = GradZ.IsEmpty ? [] : GradZ.Slice(start, size),
                GradWeight = GradWeight.IsEmpty ? [] : GradWeight.Slice(column, size),
            };
            if (NormBeforeGate)
                one.NormFirst<Lanes1>(one.NormFirst<L>(0));
            else
                one.GateFirst<Lanes1>(one.GateFirst<L>(0));
        }
    }

    /// <summary>One group of one row.</summary>
    private readonly ref struct Group
    {
        public required ReadOnlySpan<float> GradOut { get; init; }

        public required ReadOnlySpan<float> Y { get; init; }

        public required ReadOnlySpan<float> Z { get; init; }

        public required ReadOnlySpan<float> Weight { get; init; }

        public required float Rstd { get; init; }

        public required float Mean { get; init; }

        public required Span<float> GradY { get; init; }

        public required Span<float> GradZ { get; init; }

        public required Span<float> GradWeight { get; init; }

        public int GateFirst<L>(int i)
            where L : struct, ILanes<L>
        {
            ReadOnlySpan<float> ys = Y, zs = Z, gradOuts = GradOut, weights = Weight;
            Span<float> gradY = GradY, gradZ = GradZ, gradWeight = GradWeight;
            L rstd = L.Splat(Rstd), mean = L.Splat(Mean), lowest = L.Splat(FlatTail.Lowest);   // -infinity times σ = 0 would be NaN
            for (; i <= ys.Length - L.Count; i += L.Count)
            {
                L y = L.Load(ys, i), z = L.Max(lowest, L.Load(zs, i)), gradOut = L.Load(gradOuts, i);
                L sigmoid = LaneMath.SigmoidInRange(L.Min(-lowest, z));
                L gate = z * sigmoid, n = y * gate * rstd;
                L grad = rstd * (gradOut * L.Load(weights, i) - n * mean);
                Add(grad * gate, gradY, i);
                Add(grad * y * sigmoid * L.MulAdd(z, L.One - sigmoid, L.One), gradZ, i);
                Add(gradOut * n, gradWeight, i);
            }

            return i;
        }

        public int NormFirst<L>(int i)
            where L : struct, ILanes<L>
        {
            ReadOnlySpan<float> ys = Y, zs = Z, gradOuts = GradOut, weights = Weight;
            Span<float> gradY = GradY, gradZ = GradZ, gradWeight = GradWeight;
            L rstd = L.Splat(Rstd), mean = L.Splat(Mean), lowest = L.Splat(FlatTail.Lowest);   // -infinity times σ = 0 would be NaN
            for (; i <= ys.Length - L.Count; i += L.Count)
            {
                L z = L.Max(lowest, L.Load(zs, i)), gradOut = L.Load(gradOuts, i), weighted = gradOut * L.Load(weights, i);
                L sigmoid = LaneMath.SigmoidInRange(L.Min(-lowest, z));
                L gate = z * sigmoid, n = L.Load(ys, i) * rstd;
                Add(rstd * (weighted * gate - n * mean), gradY, i);
                Add(weighted * n * sigmoid * L.MulAdd(z, L.One - sigmoid, L.One), gradZ, i);
                Add(gradOut * n * gate, gradWeight, i);
            }

            return i;
        }

        private static void Add<L>(L value, Span<float> sum, int i)
            where L : struct, ILanes<L>
        {
            if (!sum.IsEmpty)
                L.Store(L.Load(sum, i) + value, sum, i);
        }
    }
}
