namespace SpikeEngine.Kernels;

/// <summary>Mean and biased variance of each channel of [N, C, plane], for the channels [Start, End).</summary>
public readonly ref struct ChannelMoments : ISimdKernel
{
    /// <summary>[N, C, plane]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>Elements of one plane.</summary>
    public required int Plane { get; init; }

    /// <summary>First channel.</summary>
    public required int Start { get; init; }

    /// <summary>End of the channels.</summary>
    public required int End { get; init; }

    /// <summary>[C]</summary>
    public required Span<float> Mean { get; init; }

    /// <summary>[C]</summary>
    public required Span<float> Variance { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int image = Mean.Length * Plane, count = X.Length / Mean.Length;
        for (int channel = Start; channel < End; channel++)
        {
            // Many planes: their sums are added in double.
            double sum = 0, squares = 0;
            for (int at = channel * Plane; at < X.Length; at += image)
                sum += Reduce.Sum<L>(X.Slice(at, Plane));
            float mean = Mean[channel] = (float)(sum / count);
            for (int at = channel * Plane; at < X.Length; at += image)
                squares += Deviations.Squares<L>(X.Slice(at, Plane), mean);
            Variance[channel] = (float)(squares / count);
        }
    }
}

/// <summary>y = (x - mean) * rstd * weight + bias for the channels [Start, End) of [N, C, plane].</summary>
public readonly ref struct BatchNormForward : ISimdKernel
{
    /// <summary>[N, C, plane]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>Elements of one plane.</summary>
    public required int Plane { get; init; }

    /// <summary>First channel.</summary>
    public required int Start { get; init; }

    /// <summary>End of the channels.</summary>
    public required int End { get; init; }

    /// <summary>[C]</summary>
    public required ReadOnlySpan<float> Mean { get; init; }

    /// <summary>[C]</summary>
    public required ReadOnlySpan<float> Rstd { get; init; }

    /// <summary>[C], or empty for ones.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[C], or empty for zeros.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[N, C, plane]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int image = Mean.Length * Plane;
        for (int channel = Start; channel < End; channel++)
        {
            float mean = Mean[channel], scale = Rstd[channel] * (Weight.IsEmpty ? 1f : Weight[channel]), bias = Bias.IsEmpty ? 0f : Bias[channel];
            for (int at = channel * Plane; at < X.Length; at += image)
            {
                ReadOnlySpan<float> x = X.Slice(at, Plane);
                Span<float> y = Y.Slice(at, Plane);
                Row<Lanes1>(x, mean, scale, bias, y, Row<L>(x, mean, scale, bias, y, 0));
            }
        }
    }

    private static int Row<L>(ReadOnlySpan<float> x, float mean, float scale, float bias, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), factor = L.Splat(scale), shift = L.Splat(bias);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(x, i) - centre, factor, shift), y, i);
        return i;
    }
}

/// <summary>
/// With n = (x - mean) * rstd, for each channel:  grad_bias += Σ grad_y,  grad_weight += Σ grad_y * n,
/// grad_x += rstd * weight * (grad_y - mean(grad_y) - n * mean(grad_y * n)), without the two means when mean and rstd are constants.
/// </summary>
public readonly ref struct BatchNormBackward : ISimdKernel
{
    /// <summary>[N, C, plane]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[N, C, plane]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>Elements of one plane.</summary>
    public required int Plane { get; init; }

    /// <summary>First channel.</summary>
    public required int Start { get; init; }

    /// <summary>End of the channels.</summary>
    public required int End { get; init; }

    /// <summary>[C]</summary>
    public required ReadOnlySpan<float> Mean { get; init; }

    /// <summary>[C]</summary>
    public required ReadOnlySpan<float> Rstd { get; init; }

    /// <summary>[C], or empty for ones.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Whether mean and rstd do not depend on x.</summary>
    public required bool ConstantMoments { get; init; }

    /// <summary>[N, C, plane], accumulated; empty when not wanted.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>[C], accumulated; empty when not wanted.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <summary>[C], accumulated; empty when not wanted.</summary>
    public required Span<float> GradBias { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int image = Mean.Length * Plane, count = X.Length / Mean.Length;
        for (int channel = Start; channel < End; channel++)
        {
            float mean = Mean[channel], rstd = Rstd[channel];
            double sum = 0, dot = 0;
            for (int at = channel * Plane; at < X.Length; at += image)
            {
                sum += Reduce.Sum<L>(GradY.Slice(at, Plane));
                dot += Deviations.Dot<L>(GradY.Slice(at, Plane), X.Slice(at, Plane), mean);
            }

            if (!GradBias.IsEmpty)
                GradBias[channel] += (float)sum;
            if (!GradWeight.IsEmpty)
                GradWeight[channel] += (float)(dot * rstd);
            if (GradX.IsEmpty)
                continue;
            float scale = rstd * (Weight.IsEmpty ? 1f : Weight[channel]);
            float shift = ConstantMoments ? 0f : (float)(sum / count), pull = ConstantMoments ? 0f : (float)(dot * rstd * rstd / count);
            for (int at = channel * Plane; at < X.Length; at += image)
            {
                ReadOnlySpan<float> gradY = GradY.Slice(at, Plane), x = X.Slice(at, Plane);
                Span<float> gradX = GradX.Slice(at, Plane);
                int done = AddGradX<L>(gradY, x, mean, scale, shift, pull, gradX, 0);
                AddGradX<Lanes1>(gradY, x, mean, scale, shift, pull, gradX, done);
            }
        }
    }

    private static int AddGradX<L>(
        ReadOnlySpan<float> gradY, ReadOnlySpan<float> x, float mean, float scale, float shift, float pull, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L centre = L.Splat(mean), factor = L.Splat(scale), offset = L.Splat(shift), slope = L.Splat(-pull);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L inner = L.MulAdd(L.Load(x, i) - centre, slope, L.Load(gradY, i) - offset);
            L.Store(L.MulAdd(inner, factor, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }
}

/// <summary>sum[c] += Σ over n and the plane of x[n, c], for the channels [Start, End).</summary>
public readonly ref struct ChannelSums : ISimdKernel
{
    /// <summary>[N, C, plane]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>Elements of one plane.</summary>
    public required int Plane { get; init; }

    /// <summary>First channel.</summary>
    public required int Start { get; init; }

    /// <summary>End of the channels.</summary>
    public required int End { get; init; }

    /// <summary>[C], accumulated.</summary>
    public required Span<float> Sum { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int channel = Start; channel < End; channel++)
        {
            double sum = 0;
            for (int at = channel * Plane; at < X.Length; at += Sum.Length * Plane)
                sum += Reduce.Sum<L>(X.Slice(at, Plane));
            Sum[channel] += (float)sum;
        }
    }
}
