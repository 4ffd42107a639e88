using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y_r = start_r + scale · W x_r for a few rows x_r, the weight as it is stored: a register of it is read, made floats and multiplied
/// at once, so that memory is read once and nothing is written but y. Four outputs a quarter of them apart are summed at once: four
/// streams of memory that each go on where they stopped, and x is read once for all four.
/// </summary>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct StoredDots<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    private const int Streams = 4;
    private const int LineBytes = 64;
    private const int AheadBytes = 512;

    /// <summary>[rows, n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs, n]</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>[outputs], the factor of each row of the weight; empty when it is 1.</summary>
    public ReadOnlySpan<float> Scales { get; init; }

    /// <summary>Length of a row of x and of the weight, not 0.</summary>
    public required int N { get; init; }

    /// <summary>Output o of row r starts from r * <see cref="StartStride"/> + o, or from zero when this is empty.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>Distance between the starts of neighbouring rows; 0 when they have the same.</summary>
    public int StartStride { get; init; }

    /// <summary>Output o of row r is at r * <see cref="YStride"/> + o; overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between the outputs of neighbouring rows.</summary>
    public required int YStride { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int outputs = Weight.Length / N, rows = X.Length / N, quarter = outputs / Streams;
        Debug.Assert(Scales.IsEmpty || Scales.Length >= outputs, "the scales are short");
        for (int output = 0; output < quarter; output++)
        {
            for (int row = 0; row < rows; row++)
                Four<L>(row, output, quarter);
        }

        for (int output = Streams * quarter; output < outputs; output++)
        {
            for (int row = 0; row < rows; row++)
                Write(row, output, One<L>(X.Slice(row * N, N), Weight.Slice(output * N, N)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four<L>(int row, int output, int quarter)
        where L : struct, ILanes<L>
    {
        int length = N, n = L.Count;
        ReadOnlySpan<float> x = X.Slice(row * length, length);
        ReadOnlySpan<T> a = Weight[(output * length)..], b = Weight[((output + quarter) * length)..];
        ReadOnlySpan<T> c = Weight[((output + 2 * quarter) * length)..], d = Weight[((output + 3 * quarter) * length)..];
        L sumA = L.Zero, sumB = L.Zero, sumC = L.Zero, sumD = L.Zero;
        int line = Math.Max(LineBytes / Unsafe.SizeOf<T>(), n), ahead = AheadBytes / Unsafe.SizeOf<T>(), i = 0;
        while (i <= length - line)
        {
            Prefetch.Line(a, i + ahead);
            Prefetch.Line(b, i + ahead);
            Prefetch.Line(c, i + ahead);
            Prefetch.Line(d, i + ahead);
            for (int end = i + line; i < end; i += n)
            {
                L v = L.Load(x, i);
                L.AddProduct(ref sumA, v, TCode.Load<L>(a, i));
                L.AddProduct(ref sumB, v, TCode.Load<L>(b, i));
                L.AddProduct(ref sumC, v, TCode.Load<L>(c, i));
                L.AddProduct(ref sumD, v, TCode.Load<L>(d, i));
            }
        }

        for (; i <= length - n; i += n)
        {
            L v = L.Load(x, i);
            L.AddProduct(ref sumA, v, TCode.Load<L>(a, i));
            L.AddProduct(ref sumB, v, TCode.Load<L>(b, i));
            L.AddProduct(ref sumC, v, TCode.Load<L>(c, i));
            L.AddProduct(ref sumD, v, TCode.Load<L>(d, i));
        }

        Write(row, output, L.Sum(sumA) + Rest(x, a, i));
        Write(row, output + quarter, L.Sum(sumB) + Rest(x, b, i));
        Write(row, output + 2 * quarter, L.Sum(sumC) + Rest(x, c, i));
        Write(row, output + 3 * quarter, L.Sum(sumD) + Rest(x, d, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float One<L>(ReadOnlySpan<float> x, ReadOnlySpan<T> weight)
        where L : struct, ILanes<L>
    {
        L sum = L.Zero;
        int i = 0;
        for (; i <= x.Length - L.Count; i += L.Count)
            L.AddProduct(ref sum, L.Load(x, i), TCode.Load<L>(weight, i));
        return L.Sum(sum) + Rest(x, weight, i);
    }

    /// <summary>The end of a row that fills no register.</summary>
    private static float Rest(ReadOnlySpan<float> x, ReadOnlySpan<T> weight, int i)
    {
        float sum = 0f;
        for (; i < x.Length; i++)
            sum += Lanes1.Sum(TCode.Load<Lanes1>(weight, i)) * x[i];
        return sum;
    }

    private void Write(int row, int output, float sum)
    {
        float scaled = Scales.IsEmpty ? sum : Scales[output] * sum;
        Y[row * YStride + output] = Start.IsEmpty ? scaled : Start[row * StartStride + output] + scaled;
    }
}
