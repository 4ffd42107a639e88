using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>
/// y_r = start_r + scale · W x_r for a weight in bytes and a few rows x_r of 16 bits: one instruction multiplies pairs and adds their products,
/// where bytes that become floats take four, which is more than the time in which memory delivers them. Sums of a block are exact; blocks
/// are added in their order, so results are the same at every width. Four neighbouring rows at a time: a stream of memory that processors foresee.
/// </summary>
public readonly ref struct Int8Dots : IIntegerKernel
{
    private const int Together = 4;

    /// <summary>[rows, n]</summary>
    public required ReadOnlySpan<short> X { get; init; }

    /// <summary>[rows, blocks], the factor of each block of x.</summary>
    public required ReadOnlySpan<float> XScales { get; init; }

    /// <summary>Rows of x.</summary>
    public required int Rows { get; init; }

    /// <summary>[outputs, n]</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>[outputs], the factor of each row of the weight.</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

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
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int outputs = Weight.Length / N, fours = outputs / Together;
        Debug.Assert(Scales.Length >= outputs && X.Length >= Rows * N, "the scales or x are short");
        for (int row = 0; row < Rows; row++)
        {
            Fours<I>(row, fours);
            for (int output = Together * fours; output < outputs; output++)
                Write(row, output, One<I>(row, output));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fours<I>(int row, int fours)
        where I : struct, IIntegerLanes<I>
    {
        int length = N, n = I.Count, blocks = RoundedVector.Blocks(length);
        ReadOnlySpan<short> x = X.Slice(row * length, length);
        ReadOnlySpan<float> scales = XScales.Slice(row * blocks, blocks);
        for (int output = 0; output < fours; output++)
        {
            ReadOnlySpan<sbyte> a = Weight.Slice(Together * output * length, Together * length), b = a[length..], c = a[(2 * length)..], d = a[(3 * length)..];
            Vector128<float> sums = Vector128<float>.Zero;
            for (int block = 0, i = 0; block < scales.Length; block++)
            {
                int end = Math.Min(length, (block + 1) * RoundedVector.Block);
                I intsA = I.Zero, intsB = I.Zero, intsC = I.Zero, intsD = I.Zero;
                for (; i <= end - 2 * n; i += 2 * n)
                {
                    I v = I.Load(x, i), w = I.Load(x, i + n);
                    I.AddProducts(ref intsA, I.Widen(a, i), v);
                    I.AddProducts(ref intsB, I.Widen(b, i), v);
                    I.AddProducts(ref intsC, I.Widen(c, i), v);
                    I.AddProducts(ref intsD, I.Widen(d, i), v);
                    I.AddProducts(ref intsA, I.Widen(a, i + n), w);
                    I.AddProducts(ref intsB, I.Widen(b, i + n), w);
                    I.AddProducts(ref intsC, I.Widen(c, i + n), w);
                    I.AddProducts(ref intsD, I.Widen(d, i + n), w);
                }

                Vector128<int> ints = I.Sums32(intsA, intsB, intsC, intsD);
                if (i < end)
                    ints += Vector128.Create(Rest(x, a, i, end), Rest(x, b, i, end), Rest(x, c, i, end), Rest(x, d, i, end));
                sums += Vector128.Create(scales[block]) * Vector128.ConvertToSingle(ints);
                i = end;
            }

            Vector128<float> scaled = Vector128.Create(Scales[(Together * output)..]) * sums;
            if (!Start.IsEmpty)
                scaled += Vector128.Create(Start[(row * StartStride + Together * output)..]);
            scaled.CopyTo(Y[(row * YStride + Together * output)..]);
        }
    }

    private float One<I>(int row, int output)
        where I : struct, IIntegerLanes<I>
    {
        int length = N, blocks = RoundedVector.Blocks(length);
        ReadOnlySpan<short> x = X.Slice(row * length, length);
        ReadOnlySpan<sbyte> weight = Weight.Slice(output * length, length);
        float sum = 0f;
        for (int block = 0, i = 0; block < blocks; block++)
        {
            int end = Math.Min(length, (block + 1) * RoundedVector.Block);
            I ints = I.Zero;
            for (; i <= end - I.Count; i += I.Count)
                I.AddProducts(ref ints, I.Widen(weight, i), I.Load(x, i));
            sum += XScales[row * blocks + block] * (I.Sum32(ints) + Rest(x, weight, i, end));
            i = end;
        }

        return sum;
    }

    /// <summary>The end of a block that fills no two registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Rest(ReadOnlySpan<short> x, ReadOnlySpan<sbyte> weight, int i, int end)
    {
        int sum = 0;
        for (; i < end; i++)
            sum += weight[i] * x[i];
        return sum;
    }

    private void Write(int row, int output, float sum)
    {
        float scaled = Scales[output] * sum;
        Y[row * YStride + output] = Start.IsEmpty ? scaled : Start[row * StartStride + output] + scaled;
    }
}
