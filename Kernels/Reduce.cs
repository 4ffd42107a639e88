using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Sums over a span. Four partial sums hide the latency of the add; the order depends on the width only.</summary>
public static class Reduce
{
    /// <summary>Σ x_i y_i</summary>
    public static float Dot<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
        where L : struct, ILanes<L>
    {
        Debug.Assert(x.Length == y.Length);
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
        int n = L.Count, i = 0;
        for (; i <= x.Length - 4 * n; i += 4 * n)
        {
            a = L.MulAdd(L.Load(x, i), L.Load(y, i), a);
            b = L.MulAdd(L.Load(x, i + n), L.Load(y, i + n), b);
            c = L.MulAdd(L.Load(x, i + 2 * n), L.Load(y, i + 2 * n), c);
            d = L.MulAdd(L.Load(x, i + 3 * n), L.Load(y, i + 3 * n), d);
        }

        for (; i <= x.Length - n; i += n)
            a = L.MulAdd(L.Load(x, i), L.Load(y, i), a);

        float sum = L.Sum((a + b) + (c + d));
        for (; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    /// <summary>Σ x_i y_i z_i</summary>
    public static float Dot<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> z)
        where L : struct, ILanes<L>
    {
        Debug.Assert(x.Length == y.Length && x.Length == z.Length);
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
        int n = L.Count, i = 0;
        for (; i <= x.Length - 4 * n; i += 4 * n)
        {
            a = L.MulAdd(L.Load(x, i) * L.Load(y, i), L.Load(z, i), a);
            b = L.MulAdd(L.Load(x, i + n) * L.Load(y, i + n), L.Load(z, i + n), b);
            c = L.MulAdd(L.Load(x, i + 2 * n) * L.Load(y, i + 2 * n), L.Load(z, i + 2 * n), c);
            d = L.MulAdd(L.Load(x, i + 3 * n) * L.Load(y, i + 3 * n), L.Load(z, i + 3 * n), d);
        }

        for (; i <= x.Length - n; i += n)
            a = L.MulAdd(L.Load(x, i) * L.Load(y, i), L.Load(z, i), a);

        float sum = L.Sum((a + b) + (c + d));
        for (; i < x.Length; i++)
            sum += x[i] * y[i] * z[i];
        return sum;
    }

    /// <summary>Σ x_i</summary>
    public static float Sum<L>(ReadOnlySpan<float> x)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero;
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            a += L.Load(x, i);
            b += L.Load(x, i + n);
        }

        float sum = L.Sum(a + b);
        for (; i < x.Length; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>max x_i; x must not be empty.</summary>
    public static float Max<L>(ReadOnlySpan<float> x)
        where L : struct, ILanes<L>
    {
        L lanes = L.Splat(float.NegativeInfinity);
        int i = 0;
        for (; i <= x.Length - L.Count; i += L.Count)
            lanes = L.Max(lanes, L.Load(x, i));

        float max = L.MaxOf(lanes);
        for (; i < x.Length; i++)
            max = MathF.Max(max, x[i]);
        return max;
    }
}
