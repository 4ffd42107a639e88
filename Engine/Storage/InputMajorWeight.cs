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
        Stride = (Outputs + LineFloats - 1) / LineFloats * LineFloats;
        _scales = weight.Scales.ToArray();
        _codes = AlignedMemory.Allocate((int)(((long)Inputs * Stride * weight.BytesEach + sizeof(float) - 1) / sizeof(float)));
        switch (Type)
        {
            case StorageType.Float32:
                Transpose<float>(weight);
                break;
            case StorageType.Int8:
                Transpose<sbyte>(weight);
                break;
            default:
                Transpose<ushort>(weight);
                break;
        }
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
    /// <exception cref="ArgumentException">The tensor has not two axes, or a value for int8 is not finite.</exception>
    public static InputMajorWeight From(Tensor weight, StorageType type = StorageType.Float32)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight.Shape.Rank == 2
            ? new InputMajorWeight(StoredTensor.From(weight, type))
            : throw new ArgumentException($"weight is {weight.Shape}: it must have two axes, [outputs, inputs].", nameof(weight));
    }

    /// <summary>y = W x: every weight multiplied and added.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Multiply(ReadOnlyMemory<float> x, Memory<float> y)
    {
        Require(x.Length, y.Length);
        RowParallel.For(Outputs, ColumnGrain, (self: this, x, y), static (s, start, end) =>
        {
            Span<float> y = s.y.Span[start..end];
            switch (s.self.Type)
            {
                case StorageType.Float32:
                    s.self.Multiply<Float32Code, float>(s.x.Span, start, y);
                    break;
                case StorageType.BFloat16:
                    s.self.Multiply<BFloat16Code, ushort>(s.x.Span, start, y);
                    break;
                case StorageType.Float16:
                    s.self.Multiply<Float16Code, Half>(s.x.Span, start, y);
                    break;
                default:
                    s.self.Multiply<Int8Code, sbyte>(s.x.Span, start, y);
                    break;
            }
        }, heavy: true);
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
        if (events.Levels > 1 && running.Length < Outputs)
            throw new ArgumentException($"running has {running.Length} elements, {Outputs} are needed for more than one level.", nameof(running));
        RowParallel.For(Outputs, ColumnGrain, (self: this, events, y, running), static (s, start, end) =>
        {
            Span<float> y = s.y.Span[start..end], running = s.events.Levels > 1 ? s.running.Span[start..end] : [];
            switch (s.self.Type)
            {
                case StorageType.Float32:
                    s.self.Accumulate<Float32Code, float>(s.events, start, running, y);
                    break;
                case StorageType.BFloat16:
                    s.self.Accumulate<BFloat16Code, ushort>(s.events, start, running, y);
                    break;
                case StorageType.Float16:
                    s.self.Accumulate<Float16Code, Half>(s.events, start, running, y);
                    break;
                default:
                    s.self.Accumulate<Int8Code, sbyte>(s.events, start, running, y);
                    break;
            }
        }, heavy: true);
    }

    /// <summary>Some outputs as floats in the panels of the matrix product.</summary>
    internal void DecodePanels(int first, int count, Span<float> panels)
    {
        switch (Type)
        {
            case StorageType.Float32:
                DecodePanels<Float32Code, float>(first, count, panels);
                break;
            case StorageType.BFloat16:
                DecodePanels<BFloat16Code, ushort>(first, count, panels);
                break;
            case StorageType.Float16:
                DecodePanels<Float16Code, Half>(first, count, panels);
                break;
            default:
                DecodePanels<Int8Code, sbyte>(first, count, panels);
                break;
        }
    }

    private void DecodePanels<TCode, T>(int first, int count, Span<float> panels)
        where TCode : struct, IStoredCode<T>
        where T : struct => Simd.Run(new DecodePanels<TCode, T>
        {
            Weight = Codes<T>()[first..], Stride = Stride, K = Inputs, N = count,
            Scales = _scales.Length == 0 ? [] : _scales.AsSpan(first, count), Packed = panels,
        });

    // As long pieces of memory as the threads allow. Outputs are independent, so the bits depend on no number of pieces.
    private int ColumnGrain => (long)Inputs * Outputs < SerialWeights
        ? Math.Max(1, Outputs)
        : Math.Clamp((Outputs / RowParallel.Threads + LineFloats) / LineFloats * LineFloats, FewestColumns, MostColumns);

    private void Multiply<TCode, T>(ReadOnlySpan<float> x, int first, Span<float> y)
        where TCode : struct, IStoredCode<T>
        where T : struct
    {
        Simd.Run(new MatVec<TCode, T> { Weight = Codes<T>()[first..], Stride = Stride, X = x, Y = y });
        Scale(first, y);
    }

    private void Accumulate<TCode, T>(SpikeEvents events, int first, Span<float> running, Span<float> y)
        where TCode : struct, IStoredCode<T>
        where T : struct
    {
        Simd.Run(new SpikeMatVec<TCode, T>
        {
            Weight = Codes<T>()[first..], Stride = Stride, Indices = events.Indices, Ends = events.Ends, Running = running, Y = y,
        });
        Scale(first, y);
    }

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

    private void Transpose<T>(StoredTensor weight)
        where T : struct =>
        RowParallel.For(Inputs, TransposedTogether, (self: this, weight), static (s, start, end) =>
        {
            ReadOnlySpan<T> from = s.weight.AllCodes<T>();
            Span<T> to = s.self.Codes<T>();
            for (int output = 0; output < s.self.Outputs; output++)
            {
                for (int input = start; input < end; input++)
                    to[input * s.self.Stride + output] = from[output * s.self.Inputs + input];
            }
        });
}
