using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y_r += scale · W x_r for a few rows x_r, the weight as it is stored: a register of it is read, made floats and multiplied at once,
/// so that memory is read once and nothing is written but y.
/// </summary>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct StoredDots<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    private const int Sums = 4;   // hide the latency of the multiply-add

    /// <summary>[rows, n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs, n]</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>[outputs], the factor of each row of the weight; empty when it is 1.</summary>
    public ReadOnlySpan<float> Scales { get; init; }

    /// <summary>Length of a row of x and of the weight, not 0.</summary>
    public required int N { get; init; }

    /// <summary>Output o of row r is at r * <see cref="YStride"/> + o; added to.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between the outputs of neighbouring rows.</summary>
    public required int YStride { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int outputs = Weight.Length / N, rows = X.Length / N;
        Debug.Assert(Scales.IsEmpty || Scales.Length >= outputs, "the scales are short");
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<T> weight = Weight.Slice(output * N, N);
            float scale = Scales.IsEmpty ? 1f : Scales[output];
            for (int row = 0; row < rows; row++)
                Y[row * YStride + output] += scale * Dot<L>(X.Slice(row * N, N), weight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot<L>(ReadOnlySpan<float> x, ReadOnlySpan<T> weight)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
        int n = L.Count, i = 0;
        for (; i <= x.Length - Sums * n; i += Sums * n)
        {
            a = L.MulAdd(TCode.Load<L>(weight, i), L.Load(x, i), a);
            b = L.MulAdd(TCode.Load<L>(weight, i + n), L.Load(x, i + n), b);
            c = L.MulAdd(TCode.Load<L>(weight, i + 2 * n), L.Load(x, i + 2 * n), c);
            d = L.MulAdd(TCode.Load<L>(weight, i + 3 * n), L.Load(x, i + 3 * n), d);
        }

        for (; i <= x.Length - n; i += n)
            a = L.MulAdd(TCode.Load<L>(weight, i), L.Load(x, i), a);
        float sum = L.Sum(a + b + (c + d));
        for (; i < x.Length; i++)
            sum += Lanes1.Sum(TCode.Load<Lanes1>(weight, i)) * x[i];
        return sum;
    }
}
