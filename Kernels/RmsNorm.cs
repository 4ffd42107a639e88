using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y = x * rstd * weight,  rstd = 1 / sqrt(mean(x²) + eps), for each row.</summary>
public readonly ref struct RmsNormForward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[dim]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Added to the mean square.</summary>
    public required float Eps { get; init; }

    /// <summary>[rows, dim]</summary>
    public required Span<float> Y { get; init; }

    /// <summary>[rows], kept for the backward pass.</summary>
    public required Span<float> Rstd { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int dim = Weight.Length;
        Debug.Assert(X.Length == Rstd.Length * dim && Y.Length == X.Length);
        for (int row = 0; row < Rstd.Length; row++)
        {
            ReadOnlySpan<float> x = X.Slice(row * dim, dim);
            Span<float> y = Y.Slice(row * dim, dim);
            float rstd = Rstd[row] = 1f / MathF.Sqrt(Reduce.Dot<L>(x, x) / dim + Eps);
            Scale<Lanes1>(x, Weight, rstd, y, Scale<L>(x, Weight, rstd, y, 0));
        }
    }

    private static int Scale<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float rstd, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L scale = L.Splat(rstd);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L.Store(L.Load(x, i) * scale * L.Load(weight, i), y, i);
            Prefetch.Line(x, i + x.Length);   // the next row, whose sum needs all of it at once
        }

        return i;
    }
}

/// <summary>
/// With n = x * rstd and gw = grad_y * weight:  grad_x += rstd * (gw - n * mean(gw * n)),  grad_weight += Σ_rows grad_y * n.
/// </summary>
public readonly ref struct RmsNormBackward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[dim]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[rows], from the forward pass.</summary>
    public required ReadOnlySpan<float> Rstd { get; init; }

    /// <summary>[rows, dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>[dim], accumulated; empty when not wanted.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int dim = Weight.Length;
        Debug.Assert(X.Length == Rstd.Length * dim && GradY.Length == X.Length);
        for (int row = 0; row < Rstd.Length; row++)
        {
            ReadOnlySpan<float> x = X.Slice(row * dim, dim);
            ReadOnlySpan<float> gradY = GradY.Slice(row * dim, dim);
            float rstd = Rstd[row];
            if (!GradX.IsEmpty)
            {
                float mean = Reduce.Dot<L>(x, gradY, Weight) * rstd / dim;
                Span<float> gradX = GradX.Slice(row * dim, dim);
                AddGradX<Lanes1>(x, gradY, Weight, rstd, mean, gradX, AddGradX<L>(x, gradY, Weight, rstd, mean, gradX, 0));
            }

            if (!GradWeight.IsEmpty)
                AddGradWeight<Lanes1>(x, gradY, rstd, GradWeight, AddGradWeight<L>(x, gradY, rstd, GradWeight, 0));
        }
    }

    private static int AddGradX<L>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, ReadOnlySpan<float> weight, float rstd, float mean, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L scale = L.Splat(rstd), pull = L.Splat(-rstd * mean);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L inner = L.MulAdd(L.Load(x, i), pull, L.Load(gradY, i) * L.Load(weight, i));
            L.Store(L.MulAdd(inner, scale, L.Load(gradX, i)), gradX, i);
            Prefetch.Line(x, i + x.Length);
            Prefetch.Line(gradY, i + x.Length);
        }

        return i;
    }

    private static int AddGradWeight<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, float rstd, Span<float> gradWeight, int i)
        where L : struct, ILanes<L>
    {
        L scale = L.Splat(rstd);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(x, i) * scale, L.Load(gradY, i), L.Load(gradWeight, i)), gradWeight, i);
        return i;
    }
}
