using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = x W for one row x: the dense product of decoding, one token at a time. The weights of an input lie side by side; four inputs
/// a quarter of them apart are read at once, as four streams of memory that each go on where they stopped, while y stays in the
/// first-level cache. That keeps more requests in flight than one stream does, and every weight is read once.
/// </summary>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct MatVec<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    private const int Streams = 4;
    private const int LineBytes = 64;
    private const int AheadBytes = 256;   // small types fill the window of the processor with arithmetic before it sees the next lines

    /// <summary>[inputs, stride], from the first output on.</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>Distance between the weights of neighbouring inputs.</summary>
    public required int Stride { get; init; }

    /// <summary>[inputs]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.IsEmpty || Weight.Length >= (X.Length - 1) * Stride + Y.Length, "the weights are short");
        Y.Clear();
        int quarter = X.Length / Streams;
        for (int input = 0; input < quarter; input++)
            AddFour<Lanes1>(input, quarter, AddFour<L>(input, quarter, 0));
        for (int input = Streams * quarter; input < X.Length; input++)
            AddOne<Lanes1>(input, AddOne<L>(input, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AddFour<L>(int input, int quarter, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<T> a = Weight[(input * Stride)..], b = Weight[((input + quarter) * Stride)..];
        ReadOnlySpan<T> c = Weight[((input + 2 * quarter) * Stride)..], d = Weight[((input + 3 * quarter) * Stride)..];
        L xa = L.Splat(X[input]), xb = L.Splat(X[input + quarter]), xc = L.Splat(X[input + 2 * quarter]), xd = L.Splat(X[input + 3 * quarter]);
        Span<float> y = Y;
        int n = L.Count;
        int line = Math.Max(LineBytes / Unsafe.SizeOf<T>(), 2 * n), ahead = AheadBytes / Unsafe.SizeOf<T>();
        while (i <= y.Length - line)
        {
            Prefetch.Line(a, i + ahead);
            Prefetch.Line(b, i + ahead);
            Prefetch.Line(c, i + ahead);
            Prefetch.Line(d, i + ahead);
            for (int end = i + line; i < end; i += 2 * n)
            {
                L even = L.MulAdd(xa, TCode.Load<L>(a, i), L.Load(y, i)), odd = L.MulAdd(xa, TCode.Load<L>(a, i + n), L.Load(y, i + n));
                L.AddProduct(ref even, xb, TCode.Load<L>(b, i));
                L.AddProduct(ref odd, xb, TCode.Load<L>(b, i + n));
                L.AddProduct(ref even, xc, TCode.Load<L>(c, i));
                L.AddProduct(ref odd, xc, TCode.Load<L>(c, i + n));
                L.AddProduct(ref even, xd, TCode.Load<L>(d, i));
                L.AddProduct(ref odd, xd, TCode.Load<L>(d, i + n));
                L.Store(even, y, i);
                L.Store(odd, y, i + n);
            }
        }

        for (; i <= y.Length - n; i += n)
        {
            L sum = L.MulAdd(xb, TCode.Load<L>(b, i), L.MulAdd(xa, TCode.Load<L>(a, i), L.Load(y, i)));
            L.Store(L.MulAdd(xd, TCode.Load<L>(d, i), L.MulAdd(xc, TCode.Load<L>(c, i), sum)), y, i);
        }

        return i;
    }

    private int AddOne<L>(int input, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<T> weight = Weight[(input * Stride)..];
        L x = L.Splat(X[input]);
        for (; i <= Y.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(x, TCode.Load<L>(weight, i), L.Load(Y, i)), Y, i);
        return i;
    }
}
