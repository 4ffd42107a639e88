using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = scale · W s for one vector of integer spikes s and weights in bytes, every weight multiplied: the dense competitor of
/// <see cref="Int8SpikeMatVec"/> when decoding. At the widest the weights are read once from one end to the other, as fast as a plain pass reads them, and nothing is summed
/// across lanes: those of four neighbouring inputs are side by side, so that one instruction multiplies a register of bytes and adds neighbouring products.
/// Spikes are small, so sums of 16 bits hold for many steps before they become sums of 32. That instruction takes unsigned bytes on one side: spikes are
/// shifted by D, and D times the sum of a column of W is taken away. Whole numbers all the way: exact.
/// </summary>
public readonly ref struct Int8DenseMatVec : IIntegerKernel
{
    /// <summary>Outputs of a panel, at any width.</summary>
    public const int Columns = 32;

    /// <summary>Bytes of four neighbouring inputs of a panel.</summary>
    private const int GroupBytes = Columns * Int8Panels.Together;

    /// <summary>[k / 4], from <see cref="Shift"/>.</summary>
    public required ReadOnlySpan<uint> Shifted { get; init; }

    /// <summary>D.</summary>
    public required int Levels { get; init; }

    /// <summary>From <see cref="Pack"/>, whole panels.</summary>
    public required ReadOnlySpan<sbyte> Packed { get; init; }

    /// <summary>The sum of each column, also of those that fill the last panel.</summary>
    public required ReadOnlySpan<int> ColumnSums { get; init; }

    /// <summary>The factor of each output.</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

    /// <summary>As many numbers as column sums.</summary>
    public required Span<int> Sums { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Panels of some outputs.</summary>
    public static int Panels(int outputs) => (outputs + Columns - 1) / Columns;

    /// <summary>Bytes of a panel.</summary>
    public static int PanelBytes(int inputs) => Int8Panels.Groups(inputs) * GroupBytes;

    /// <summary>Lays out a weight, [panel][k / 4][output][4]; what is not there is 0.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="inputs">Length of a row.</param>
    /// <param name="packed">Zeros, of all panels.</param>
    public static void Pack(ReadOnlySpan<sbyte> weight, int inputs, Span<sbyte> packed)
    {
        for (int output = 0; output < weight.Length / inputs; output++)
        {
            Span<sbyte> panel = packed.Slice(output / Columns * PanelBytes(inputs), PanelBytes(inputs));
            ReadOnlySpan<sbyte> row = weight.Slice(output * inputs, inputs);
            for (int k = 0; k < row.Length; k++)
                panel[k / Int8Panels.Together * GroupBytes + output % Columns * Int8Panels.Together + k % Int8Panels.Together] = row[k];
        }
    }

    /// <summary>s + D in bytes.</summary>
    /// <param name="spikes">[n], whole numbers in [-D, D].</param>
    /// <param name="levels">D.</param>
    /// <param name="shifted">[ceil(n / 4)], overwritten; what is beyond the last input is 0.</param>
    public static void Shift(ReadOnlySpan<float> spikes, int levels, Span<uint> shifted)
    {
        if (!shifted.IsEmpty)
            shifted[^1] = 0;
        Simd.Run(new ShiftSpikes { Spikes = spikes, Levels = levels, Shifted = MemoryMarshal.Cast<uint, sbyte>(shifted)[..spikes.Length] });
    }

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int panelBytes = Shifted.Length * GroupBytes;
        Debug.Assert(Packed.Length == Panels(Y.Length) * panelBytes && Sums.Length == Panels(Y.Length) * Columns && ColumnSums.Length == Sums.Length);
        TensorPrimitives.Multiply(ColumnSums, -Levels, Sums);
        for (int column = 0; column < Sums.Length; column += I.Count)
        {
            ReadOnlySpan<sbyte> panel = Packed.Slice(column / Columns * panelBytes, panelBytes);
            AddColumns<I>(panel[(column % Columns * Int8Panels.Together)..], Sums.Slice(column, I.Count));
        }

        ScaleSums.Run(Sums[..Y.Length], Scales, [], Y);
    }

    /// <summary>Two registers of outputs: as many as a panel has at the widest, then once through it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns<I>(ReadOnlySpan<sbyte> panel, Span<int> sums)
        where I : struct, IIntegerLanes<I>
    {
        int steps = Int8DenseMatMul.StepsIn16Bits(Levels), half = I.Count / 2;
        Debug.Assert(steps > 0, "levels are more than sums of 16 bits can hold");
        ReadOnlySpan<uint> spikes = Shifted;
        for (int group = 0, at = 0; group < spikes.Length;)
        {
            I low = I.Zero, high = I.Zero;
            for (int end = Math.Min(spikes.Length, group + steps); group < end; group++, at += GroupBytes)
            {
                var four = I.SplatBytes(spikes[group]);
                low += I.MultiplyPairs(four, I.LoadBytes(panel, at));
                high += I.MultiplyPairs(four, I.LoadBytes(panel, at + 2 * I.Count));
            }

            I.AddPairs(low, sums, 0);
            I.AddPairs(high, sums, half);
        }
    }

    private readonly ref struct ShiftSpikes : ISimdKernel
    {
        /// <summary>[n]</summary>
        public required ReadOnlySpan<float> Spikes { get; init; }

        /// <summary>D.</summary>
        public required int Levels { get; init; }

        /// <summary>[n]</summary>
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
