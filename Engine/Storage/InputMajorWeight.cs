using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight of a linear layer as decoding reads it, one token at a time: the weights of one input side by side, so that an input
/// that does not spike is skipped by not reading a long contiguous piece, and nothing is summed across lanes. Immutable.
/// </summary>
public sealed class InputMajorWeight
{
    // Below this many weights a second thread costs more than it brings.
    private const int SerialWeights = 1 << 19;
    private const int FewestColumns = 256;
    private const int MostColumns = 8_192;   // of y, which shall stay in the first-level cache
    private const int TransposedTogether = 16;
    private const int LineFloats = 16;

    private readonly Memory<float> _codes;   // [inputs, stride]
    private readonly float[] _scales;

    private InputMajorWeight(StoredTensor weight)
    {
        Type = weight.Type;
        (Outputs, Inputs) = (weight.Rows, weight.RowLength);
        Stride = (int)StrideOf(Outputs);
        _scales = weight.Scales.ToArray();
        _codes = AlignedMemory.Allocate((int)(((long)Inputs * Stride * weight.BytesEach + sizeof(float) - 1) / sizeof(float)));
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
    public long Bytes => (long)_codes.Length * sizeof(float) + _scales.Length * sizeof(float);

    /// <summary>Lays out a weight; later changes to it are not seen.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="type">How to keep the numbers; int8 has one scale for each output.</param>
    /// <exception cref="ArgumentException">
    /// The tensor has not two axes, or is too large once the outputs of each input are filled up to a multiple of 16, or a value for int8 is not finite.
    /// </exception>
    public static InputMajorWeight From(Tensor weight, StorageType type = StorageType.Float32)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Shape.Rank != 2)
            throw new ArgumentException($"weight is {weight.Shape}: it must have two axes, [outputs, inputs].", nameof(weight));
        RequireRoom(weight.Shape);
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
        RequireRoom(weight.Shape);
        return new InputMajorWeight(weight);
    }

    /// <summary>y = W x: every weight multiplied and added.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Multiply(ReadOnlyMemory<float> x, Memory<float> y)
    {
        Require(x.Length, y.Length);
        StoredCodes.Run(Type, new Product(this, x, y));
    }

    /// <summary>y = W s for integer spikes, accumulate-only: the weights of active inputs are added or subtracted, each once.</summary>
    /// <param name="events">s, of length inputs.</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <param name="running">[outputs], scratch; may be empty for one level.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Accumulate(SpikeEvents events, Memory<float> y, Memory<float> running)
    {
        ArgumentNullException.ThrowIfNull(events);
        Require(events.Length, y.Length);
        RequireRunning(events, running);
        StoredCodes.Run(Type, new Accumulation(this, events, y, running));
    }

    /// <summary>y = W s for integer spikes, the way that <see cref="CrossoverProfile"/> advises at their number.</summary>
    /// <param name="events">s, of length inputs.</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <param name="running">[outputs], scratch; may be empty for one level.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void MultiplySpikes(SpikeEvents events, Memory<float> y, Memory<float> running)
    {
        ArgumentNullException.ThrowIfNull(events);
        RequireRunning(events, running);   // whichever way is taken: an error must not depend on the number of spikes
        SpikePath path = CrossoverProfile.Current.Choose(Type, rows: 1, Inputs, Outputs, events.Levels, events.Indices.Length);
        if (path == SpikePath.Accumulate)
            Accumulate(events, y, running);
        else
            Multiply(events.Spikes, y);
    }

    /// <summary>Some outputs as floats in the panels of the matrix product.</summary>
    internal void DecodePanels(int first, int count, Span<float> panels) => StoredCodes.Run(Type, new Decoding(this, first, count, panels));

    // As long pieces of memory as the threads allow. Outputs are independent, so the bits depend on no number of pieces.
    private int ColumnGrain => (long)Inputs * Outputs < SerialWeights
        ? Math.Max(1, Outputs)
        : Math.Clamp((Outputs / RowParallel.Threads + LineFloats) / LineFloats * LineFloats, FewestColumns, MostColumns);

    /// <summary>Sums over codes to sums over weights.</summary>
    private void Scale(int first, Span<float> y)
    {
        if (_scales.Length > 0)
            System.Numerics.Tensors.TensorPrimitives.Multiply(y, _scales.AsSpan(first, y.Length), y);
    }

    /// <summary>The codes, [inputs, stride].</summary>
    internal Span<T> Codes<T>()
        where T : struct => MemoryMarshal.Cast<float, T>(_codes.Span);

    private void Require(int x, int y)
    {
        if (x != Inputs || y != Outputs)
            throw new ArgumentException($"The weight is [{Outputs}, {Inputs}]; x has {x} elements and y {y}.");
    }

    private void RequireRunning(SpikeEvents events, Memory<float> running)
    {
        if (events.Levels > 1 && running.Length < Outputs)
            throw new ArgumentException($"running has {running.Length} elements, {Outputs} are needed for more than one level.", nameof(running));
    }

    /// <summary>Positions of codes are whole numbers of 32 bits, and an array has no more elements, in any type.</summary>
    private static void RequireRoom(Shape weight)
    {
        long stride = StrideOf(weight[0]);
        if (stride * Math.Max(1, weight[1]) > Array.MaxLength - LineFloats)
        {
            throw new ArgumentException(
                $"weight is {weight}: with {stride} numbers for each of {weight[1]} inputs (outputs, filled up to a multiple of {LineFloats}) it is too large.",
                nameof(weight));
        }
    }

    private static long StrideOf(int outputs) => ((long)outputs + LineFloats - 1) / LineFloats * LineFloats;

    private readonly record struct Layout(InputMajorWeight Weight, StoredTensor From) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => RowParallel.For(Weight.Inputs, TransposedTogether, this, static (layout, start, end) =>
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

    private readonly record struct Product(InputMajorWeight Weight, ReadOnlyMemory<float> X, Memory<float> Y) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => RowParallel.For(Weight.Outputs, Weight.ColumnGrain, this, static (product, start, end) =>
            {
                InputMajorWeight weight = product.Weight;
                Span<float> y = product.Y.Span[start..end];
                Simd.Run(new MatVec<TCode, T> { Weight = weight.Codes<T>()[start..], Stride = weight.Stride, X = product.X.Span, Y = y });
                weight.Scale(start, y);
            }, heavy: true);
    }

    private readonly record struct Accumulation(InputMajorWeight Weight, SpikeEvents Events, Memory<float> Y, Memory<float> Running) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => RowParallel.For(Weight.Outputs, Weight.ColumnGrain, this, static (product, start, end) =>
            {
                InputMajorWeight weight = product.Weight;
                SpikeEvents events = product.Events;
                Span<float> y = product.Y.Span[start..end];
                Simd.Run(new SpikeMatVec<TCode, T>
                {
                    Weight = weight.Codes<T>()[start..], Stride = weight.Stride, Indices = events.Indices, Ends = events.Ends,
                    Running = events.Levels > 1 ? product.Running.Span[start..end] : [], Y = y,
                });
                weight.Scale(start, y);
            }, heavy: true);
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
