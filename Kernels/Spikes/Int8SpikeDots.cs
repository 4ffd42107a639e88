using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = scale · W s for one vector of integer spikes s and weights in bytes by output, every weight multiplied: the dense competitor of
/// <see cref="Int8SpikeMatVec"/> when decoding. One instruction multiplies a register of bytes and adds neighbouring products; spikes are small, so
/// sums of 16 bits hold for many steps before they become sums of 32. That instruction takes unsigned bytes on one side: spikes are shifted by D, and
/// D times the sum of a row of W is taken away in the end. Whole numbers all the way: exact. Four streams of memory, as in <see cref="Int8Dots"/>.
/// </summary>
public readonly ref struct Int8SpikeDots : IIntegerKernel
{
    private const int Streams = 4;
    private const int AheadBytes = 512;
    private const uint Ones = 0x0001_0001;   // in lanes of 16 bits

    /// <summary>[n], s + D, and after them <see cref="TailLength"/> bytes: zeros, but for the last n modulo that many inputs at their end.</summary>
    public required ReadOnlySpan<sbyte> Shifted { get; init; }

    /// <summary>D.</summary>
    public required int Levels { get; init; }

    /// <summary>[outputs, n]</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>[outputs], the sum of each row of the weight.</summary>
    public required ReadOnlySpan<int> RowSums { get; init; }

    /// <summary>[outputs], the factor of each row of the weight.</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

    /// <summary>Length of a row of the weight, not 0.</summary>
    public required int N { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Bytes of a register at the width in use.</summary>
    public static int TailLength => 2 * Simd.IntegerLanes;

    /// <summary>s + D in bytes, with the tail that the kernel wants.</summary>
    /// <param name="spikes">[n], whole numbers in [-D, D].</param>
    /// <param name="levels">D.</param>
    /// <param name="shifted">n + <see cref="TailLength"/> bytes.</param>
    public static void Shift(ReadOnlySpan<float> spikes, int levels, Span<sbyte> shifted)
    {
        int n = spikes.Length, rest = n % TailLength;
        Simd.Run(new ShiftSpikes { Spikes = spikes, Levels = levels, Shifted = shifted });
        Span<sbyte> tail = shifted.Slice(n, TailLength);
        tail.Clear();
        shifted.Slice(n - rest, rest).CopyTo(tail[(TailLength - rest)..]);
    }

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        Debug.Assert(Shifted.Length >= N + 2 * I.Count && RowSums.Length >= Y.Length && Scales.Length >= Y.Length, "an argument is short");
        int quarter = N < 2 * I.Count ? 0 : Y.Length / Streams;
        Fours<I>(quarter);
        for (int output = Streams * quarter; output < Y.Length; output++)
            Write(output, One(Shifted[..N], Weight.Slice(output * N, N)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fours<I>(int quarter)
        where I : struct, IIntegerLanes<I>
    {
        int length = N, bytes = 2 * I.Count, steps = Int8DenseMatMul.StepsIn16Bits(Levels) * bytes, whole = length / bytes * bytes;
        var ones = I.SplatBytes(Ones);
        ReadOnlySpan<sbyte> x = Shifted;
        for (int output = 0; output < quarter; output++)
        {
            ReadOnlySpan<sbyte> a = Weight[(output * length)..], b = Weight[((output + quarter) * length)..];
            ReadOnlySpan<sbyte> c = Weight[((output + 2 * quarter) * length)..], d = Weight[((output + 3 * quarter) * length)..];
            I intsA = I.Zero, intsB = I.Zero, intsC = I.Zero, intsD = I.Zero;
            for (int i = 0; i < whole;)
            {
                I sumA = I.Zero, sumB = I.Zero, sumC = I.Zero, sumD = I.Zero;
                for (int end = Math.Min(whole, i + steps); i < end; i += bytes)
                {
                    Prefetch.Line(a, i + AheadBytes);
                    Prefetch.Line(b, i + AheadBytes);
                    Prefetch.Line(c, i + AheadBytes);
                    Prefetch.Line(d, i + AheadBytes);
                    var v = I.LoadBytes(x, i);
                    sumA += I.MultiplyPairs(v, I.LoadBytes(a, i));
                    sumB += I.MultiplyPairs(v, I.LoadBytes(b, i));
                    sumC += I.MultiplyPairs(v, I.LoadBytes(c, i));
                    sumD += I.MultiplyPairs(v, I.LoadBytes(d, i));
                }

                I.AddProducts(ref intsA, sumA, ones);
                I.AddProducts(ref intsB, sumB, ones);
                I.AddProducts(ref intsC, sumC, ones);
                I.AddProducts(ref intsD, sumD, ones);
            }

            if (whole < length)
            {
                // The last register of a row once more, with zeros for those that have been multiplied.
                var v = I.LoadBytes(x, length);
                int last = length - bytes;
                I.AddProducts(ref intsA, I.MultiplyPairs(v, I.LoadBytes(a, last)), ones);
                I.AddProducts(ref intsB, I.MultiplyPairs(v, I.LoadBytes(b, last)), ones);
                I.AddProducts(ref intsC, I.MultiplyPairs(v, I.LoadBytes(c, last)), ones);
                I.AddProducts(ref intsD, I.MultiplyPairs(v, I.LoadBytes(d, last)), ones);
            }

            Vector128<int> sums = I.Sums32(intsA, intsB, intsC, intsD);
            Write(output, sums[0]);
            Write(output + quarter, sums[1]);
            Write(output + 2 * quarter, sums[2]);
            Write(output + 3 * quarter, sums[3]);
        }
    }

    private static int One(ReadOnlySpan<sbyte> shifted, ReadOnlySpan<sbyte> weight)
    {
        int sum = 0;
        for (int i = 0; i < weight.Length; i++)
            sum += shifted[i] * weight[i];
        return sum;
    }

    private void Write(int output, int sum) => Y[output] = Scales[output] * (sum - Levels * RowSums[output]);

    private readonly ref struct ShiftSpikes : ISimdKernel
    {
        /// <summary>[n]</summary>
        public required ReadOnlySpan<float> Spikes { get; init; }

        /// <summary>D.</summary>
        public required int Levels { get; init; }

        /// <summary>At least n bytes.</summary>
        public required Span<sbyte> Shifted { get; init; }

        /// <inheritdoc/>
        public void Run<L>()
            where L : struct, ILanes<L> => Apply<Lanes1>(Apply<L>(0));

        private int Apply<L>(int i)
            where L : struct, ILanes<L>
        {
            L levels = L.Splat(Levels);
            for (; i <= Spikes.Length - L.Count; i += L.Count)
                L.StoreInt8(L.Load(Spikes, i) + levels, Shifted, i);
            return i;
        }
    }
}
