using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y = (x - mean) * rstd * weight + bias,  rstd = 1 / sqrt(var + eps), mean and (biased) variance of each row.</summary>
public readonly ref struct LayerNormForward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[dim], or empty for ones.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[dim], or empty for zeros.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>Added to the variance.</summary>
    public required float Eps { get; init; }

    /// <summary>[rows, dim]</summary>
    public required Span<float> Y { get; init; }

    /// <summary>[rows, 2]: mean and rstd, kept for the backward pass.</summary>
    public required Span<float> Moments { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int rows = Moments.Length / 2, dim = X.Length / rows;
        Debug.Assert(Y.Length == X.Length);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> x = X.Slice(row * dim, dim);
            Span<float> y = Y.Slice(row * dim, dim), moments = Moments.Slice(row * 2, 2);
            float mean = moments[0] = Reduce.Sum<L>(x) / dim;
            float rstd = moments[1] = 1f / MathF.Sqrt(Deviations.Squares<L>(x, mean) / dim + Eps);
            Row<Lanes1>(x, Weight, Bias, mean, rstd, y, Row<L>(x, Weight, Bias, mean, rstd, y, 0));
        }
    }

    private static int Row<L>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float mean, float rstd, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), scale = L.Splat(rstd);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L n = (L.Load(x, i) - centre) * scale;
            if (!weight.IsEmpty)
                n *= L.Load(weight, i);
            if (!bias.IsEmpty)
                n += L.Load(bias, i);
            L.Store(n, y, i);
        }

        return i;
    }
}

/// <summary>
/// With n = (x - mean) * rstd and gw = grad_y * weight:  grad_x += rstd * (gw - mean(gw) - n * mean(gw * n)),
/// grad_weight += Σ_rows grad_y * n,  grad_bias += Σ_rows grad_y.
/// </summary>
public readonly ref struct LayerNormBackward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[dim], or empty for ones.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[rows, 2], from the forward pass.</summary>
    public required ReadOnlySpan<float> Moments { get; init; }

    /// <summary>[rows, dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>[dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <summary>[dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradBias { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int rows = Moments.Length / 2, dim = X.Length / rows;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> x = X.Slice(row * dim, dim), gradY = GradY.Slice(row * dim, dim);
            float mean = Moments[row * 2], rstd = Moments[row * 2 + 1];
            if (!GradX.IsEmpty)
            {
                Span<float> gradX = GradX.Slice(row * dim, dim);
                float sum = 0f, dot = 0f;
                int done = AddSums<L>(x, gradY, Weight, mean, ref sum, ref dot, 0);
                AddSums<Lanes1>(x, gradY, Weight, mean, ref sum, ref dot, done);
                (sum, dot) = (sum / dim, dot * rstd * rstd / dim);
                done = AddGradX<L>(x, gradY, Weight, mean, rstd, sum, dot, gradX, 0);
                AddGradX<Lanes1>(x, gradY, Weight, mean, rstd, sum, dot, gradX, done);
            }

            if (!GradWeight.IsEmpty)
                AddGradWeight<Lanes1>(x, gradY, mean, rstd, GradWeight, AddGradWeight<L>(x, gradY, mean, rstd, GradWeight, 0));
            if (!GradBias.IsEmpty)
                new AddScaled { X = gradY, Y = GradBias }.Run<L>();
        }
    }

    /// <summary>Σ gw and Σ gw (x - mean).</summary>
    private static int AddSums<L>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, ReadOnlySpan<float> weight, float mean, ref float sum, ref float dot, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), sums = L.Zero, dots = L.Zero;
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L g = weight.IsEmpty ? L.Load(gradY, i) : L.Load(gradY, i) * L.Load(weight, i);
            sums += g;
            dots = L.MulAdd(g, L.Load(x, i) - centre, dots);
        }

        sum += L.Sum(sums);
        dot += L.Sum(dots);
        return i;
    }

    private static int AddGradX<L>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, ReadOnlySpan<float> weight,
        float mean, float rstd, float sum, float dot, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), scale = L.Splat(rstd), shift = L.Splat(sum), pull = L.Splat(-dot);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L g = weight.IsEmpty ? L.Load(gradY, i) : L.Load(gradY, i) * L.Load(weight, i);
            L inner = L.MulAdd(L.Load(x, i) - centre, pull, g - shift);
            L.Store(L.MulAdd(inner, scale, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }

    private static int AddGradWeight<L>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, float mean, float rstd, Span<float> gradWeight, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), scale = L.Splat(rstd);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd((L.Load(x, i) - centre) * scale, L.Load(gradY, i), L.Load(gradWeight, i)), gradWeight, i);
        return i;
    }
}
