using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight of a linear layer as decoding reads it, one token at a time: the weights of one input side by side, so that an input
/// that does not spike is skipped by not reading a long contiguous piece, and nothing is summed across lanes. Immutable.
/// </summary>
public sealed class InputMajorWeight
{
    private const int LineBytes = 64;

    private readonly Memory<float> _codes;   // [rows, stride]
    private readonly float[] _scales;

    private InputMajorWeight(StoredTensor weight)
    {
        Type = weight.Type;
        (Outputs, Inputs) = (weight.Rows, weight.RowLength);
        Stride = (int)StrideOf(Outputs, Type);
        _scales = weight.Scales.ToArray();
        _codes = AlignedMemory.Allocate((int)(RowsOf(Inputs, Type) * Stride * weight.BytesEach / sizeof(float)));
        StoredCodes.Run(Type, new Layout(this, weight));
        GC.KeepAlive(weight);   // of a mapped file: a span does not keep it mapped
    }

    /// <summary>How the numbers are kept.</summary>
    public StorageType Type { get; }

    /// <summary>Length of a result.</summary>
    public int Outputs { get; }

    /// <summary>Length of an input.</summary>
    public int Inputs { get; }

    /// <summary>[outputs, inputs]</summary>
    public Shape Shape => new(Outputs, Inputs);

    /// <summary>Distance between the weights of neighbouring inputs.</summary>
    internal int Stride { get; }

    /// <summary>The scale of every output for <see cref="StorageType.Int8"/>, else empty.</summary>
    internal ReadOnlySpan<float> Scales => _scales;

    /// <summary>Bytes of the codes and scales.</summary>
    public long Bytes => (long)Inputs * Stride * StoredTensor.BytesOf(Type) + _scales.Length * sizeof(float);

    /// <summary>Lays out a weight; later changes to it are not seen.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="type">How to keep the numbers; int8 has one scale for each output.</param>
    /// <exception cref="ArgumentException">
    /// The tensor has not two axes, or is too large once the outputs of each input are filled up to a whole number of cache lines, or a value for int8 is not finite.
    /// </exception>
    public static InputMajorWeight From(Tensor weight, StorageType type = StorageType.Float32)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Shape.Rank != 2)
            throw new ArgumentException($"weight is {weight.Shape}: it must have two axes, [outputs, inputs].", nameof(weight));
        RequireRoom(weight.Shape, type);
        return new InputMajorWeight(StoredTensor.From(weight, type));
    }

    /// <summary>Lays out a weight that is stored by output, in the type that it has.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <exception cref="ArgumentException">As for a tensor.</exception>
    public static InputMajorWeight From(StoredTensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Shape.Rank != 2)
            throw new ArgumentException($"weight is {weight.Shape}: it must have two axes, [outputs, inputs].", nameof(weight));
        RequireRoom(weight.Shape, weight.Type);
        return new InputMajorWeight(weight);
    }

    /// <summary>y = W x: every weight multiplied and added.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Multiply(ReadOnlyMemory<float> x, Memory<float> y)
    {
        Require(x.Length, y.Length);
        InputMajorProduct.Multiply(this, x, y);
    }

    /// <summary>y = W s for integer spikes, accumulate-only: the weights of active inputs are added or subtracted, each once.</summary>
    /// <param name="events">s, of length inputs.</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Accumulate(SpikeEvents events, Memory<float> y)
    {
        ArgumentNullException.ThrowIfNull(events);
        Require(events.Length, y.Length);
        InputMajorProduct.Accumulate(this, events, y);
    }

    /// <summary>y = W s for integer spikes, the way that <see cref="CrossoverProfile"/> advises at their number.</summary>
    /// <param name="events">s, of length inputs.</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void MultiplySpikes(SpikeEvents events, Memory<float> y)
    {
        ArgumentNullException.ThrowIfNull(events);
        SpikePath path = CrossoverProfile.Current.Choose(Type, rows: 1, Inputs, Outputs, events.LevelsMet, events.Indices.Length);
        if (path == SpikePath.Accumulate)
            Accumulate(events, y);
        else
            Multiply(events.Spikes, y);
    }

    /// <summary>Some outputs as floats in the panels of the matrix product.</summary>
    internal void DecodePanels(int first, int count, Span<float> panels) => StoredCodes.Run(Type, new Decoding(this, first, count, panels));

    /// <summary>The codes, [inputs, stride], and of bytes a row of zeros more: the weights of no input.</summary>
    internal Span<T> Codes<T>()
        where T : struct => MemoryMarshal.Cast<float, T>(_codes.Span);

    private void Require(int x, int y)
    {
        if (x != Inputs || y != Outputs)
            throw new ArgumentException($"The weight is [{Outputs}, {Inputs}]; x has {x} elements and y {y}.");
    }

    /// <summary>Positions of codes are whole numbers of 32 bits, and an array has no more elements, in any type.</summary>
    private static void RequireRoom(Shape weight, StorageType type)
    {
        long stride = StrideOf(weight[0], type);
        if (stride * Math.Max(1, RowsOf(weight[1], type)) > Array.MaxLength - LineBytes)
        {
            throw new ArgumentException(
                $"weight is {weight}: with {stride} numbers for each of {weight[1]} inputs (outputs, filled up to whole cache lines) it is too large.",
                nameof(weight));
        }
    }

    private static long RowsOf(int inputs, StorageType type) => inputs + (type == StorageType.Int8 ? 1L : 0L);

    private static long StrideOf(int outputs, StorageType type)
    {
        int line = LineBytes / StoredTensor.BytesOf(type);
        return ((long)outputs + line - 1) / line * line;
    }

    private readonly record struct Layout(InputMajorWeight Weight, StoredTensor From) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => RowParallel.For(Weight.Inputs, LineBytes / From.BytesEach, this, static (layout, start, end) =>
            {
                InputMajorWeight weight = layout.Weight;
                ReadOnlySpan<T> from = layout.From.AllCodes<T>();
                Span<T> to = weight.Codes<T>();
                for (int output = 0; output < weight.Outputs; output++)
                {
                    for (int input = start; input < end; input++)
                        to[input * weight.Stride + output] = from[output * weight.Inputs + input];
                }
            });
    }

    private readonly ref struct Decoding(InputMajorWeight weight, int first, int count, Span<float> panels) : IStoredAction
    {
        private readonly Span<float> _panels = panels;

        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => Simd.Run(new DecodePanels<TCode, T>
            {
                Weight = weight.Codes<T>()[first..], Stride = weight.Stride, K = weight.Inputs, N = count,
                Scales = weight._scales.Length == 0 ? [] : weight._scales.AsSpan(first, count), Packed = _panels,
            });
    }
}
