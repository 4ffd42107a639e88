using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>What an element contributes to a sum.</summary>
public interface ISummand
{
    /// <summary>f(x, centre)</summary>
    static abstract L Value<L>(L x, L centre)
        where L : struct, ILanes<L>;
}

/// <summary>x</summary>
public readonly struct Itself : ISummand
{
    /// <inheritdoc/>
    public static L Value<L>(L x, L centre)
        where L : struct, ILanes<L> => x;
}

/// <summary>(x - centre)²</summary>
public readonly struct SquaredDeviation : ISummand
{
    /// <inheritdoc/>
    public static L Value<L>(L x, L centre)
        where L : struct, ILanes<L>
    {
        L deviation = x - centre;
        return deviation * deviation;
    }
}

/// <summary>
/// y = Σ f(x, centre) over each series, plainly over a few elements and with compensation over these blocks: right to about
/// the last digit for any length.
/// </summary>
/// <typeparam name="TSummand">f</typeparam>
public readonly ref struct SumForward<TSummand> : ISimdKernel
    where TSummand : struct, ISummand
{
    /// <summary>Plain additions in a row.</summary>
    internal const int Block = 32;

    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner], or empty for zeros.</summary>
    public ReadOnlySpan<float> Centre { get; init; }

    /// <summary>[outer, inner]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            ReadOnlySpan<float> x = X[(outer * Slab.Stride)..];
            ReadOnlySpan<float> centre = Centre.IsEmpty ? [] : Centre.Slice(outer * Slab.Inner, Slab.Columns);
            Span<float> y = Y.Slice(outer * Slab.Inner, Slab.Columns);
            if (Slab.Inner == 1)
                y[0] = Row<L>(x[..Slab.Length], centre.IsEmpty ? 0f : centre[0]);
            else
                Columns<Lanes1>(x, centre, y, Columns<L>(x, centre, y, FourColumns<L>(x, centre, y, 0)));
        }
    }

    /// <summary>The sum over contiguous elements.</summary>
    internal static float Row<L>(ReadOnlySpan<float> x, float centre = 0f)
        where L : struct, ILanes<L>
    {
        CompensatedSum<L> sum = default;
        L middle = L.Splat(centre);
        int n = L.Count, i = 0;
        while (i <= x.Length - 4 * n)
        {
            L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
            for (int end = Math.Min(i + 4 * n * Block, x.Length - 4 * n + 1); i < end; i += 4 * n)
            {
                a += TSummand.Value(L.Load(x, i), middle);
                b += TSummand.Value(L.Load(x, i + n), middle);
                c += TSummand.Value(L.Load(x, i + 2 * n), middle);
                d += TSummand.Value(L.Load(x, i + 3 * n), middle);
            }

            sum.Add((a + b) + (c + d));
        }

        for (; i <= x.Length - n; i += n)
            sum.Add(TSummand.Value(L.Load(x, i), middle));

        CompensatedSum<Lanes1> tail = default;
        for (; i < x.Length; i++)
            tail.Add(TSummand.Value(Lanes1.Load(x, i), Lanes1.Splat(centre)));
        return L.Sum(sum.Value) + Lanes1.Sum(tail.Value);
    }

    // Four registers side by side: whole cache lines are used while the walk goes down the rows.
    private int FourColumns<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        int n = L.Count, inner = Slab.Inner, length = Slab.Length;
        for (; j <= y.Length - 4 * n; j += 4 * n)
        {
            CompensatedSum<L> sumA = default, sumB = default, sumC = default, sumD = default;
            L middleA = At<L>(centre, j), middleB = At<L>(centre, j + n);
            L middleC = At<L>(centre, j + 2 * n), middleD = At<L>(centre, j + 3 * n);
            for (int i = 0; i < length;)
            {
                L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
                for (int end = Math.Min(i + Block, length); i < end; i++)
                {
                    int at = i * inner + j;
                    a += TSummand.Value(L.Load(x, at), middleA);
                    b += TSummand.Value(L.Load(x, at + n), middleB);
                    c += TSummand.Value(L.Load(x, at + 2 * n), middleC);
                    d += TSummand.Value(L.Load(x, at + 3 * n), middleD);
                }

                sumA.Add(a);
                sumB.Add(b);
                sumC.Add(c);
                sumD.Add(d);
            }

            L.Store(sumA.Value, y, j);
            L.Store(sumB.Value, y, j + n);
            L.Store(sumC.Value, y, j + 2 * n);
            L.Store(sumD.Value, y, j + 3 * n);
        }

        return j;
    }

    private int Columns<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, length = Slab.Length;
        for (; j <= y.Length - L.Count; j += L.Count)
        {
            CompensatedSum<L> sum = default;
            L middle = At<L>(centre, j);
            for (int i = 0; i < length;)
            {
                L block = L.Zero;
                for (int end = Math.Min(i + Block, length); i < end; i++)
                    block += TSummand.Value(L.Load(x, i * inner + j), middle);
                sum.Add(block);
            }

            L.Store(sum.Value, y, j);
        }

        return j;
    }

    private static L At<L>(ReadOnlySpan<float> centre, int j)
        where L : struct, ILanes<L> => centre.IsEmpty ? L.Zero : L.Load(centre, j);
}

/// <summary>grad_x += scale * grad_y, the same for every element of a series.</summary>
public readonly ref struct SumBackward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>1 for a sum, 1 / length for a mean.</summary>
    public required float Scale { get; init; }

    /// <summary>[outer, length, inner], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Slab.Inner > 1 || Slab.Columns == Slab.Inner);
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            Span<float> gradX = GradX[(outer * Slab.Stride)..];
            ReadOnlySpan<float> gradY = GradY.Slice(outer * Slab.Inner, Slab.Columns);
            if (Slab.Inner == 1)
            {
                gradX = gradX[..Slab.Length];
                AddConstant<Lanes1>(gradX, Scale * gradY[0], AddConstant<L>(gradX, Scale * gradY[0], 0));
                continue;
            }

            for (int i = 0; i < Slab.Length; i++)
                new AddScaled { X = gradY, Y = gradX.Slice(i * Slab.Inner, Slab.Columns), Scale = Scale }.Run<L>();
        }
    }

    private static int AddConstant<L>(Span<float> gradX, float constant, int i)
        where L : struct, ILanes<L>
    {
        L c = L.Splat(constant);
        for (; i <= gradX.Length - L.Count; i += L.Count)
            L.Store(L.Load(gradX, i) + c, gradX, i);
        return i;
    }
}
