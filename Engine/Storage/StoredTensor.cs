using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight in fewer bytes. Rows are the entries of the first axis: the output channels of a linear layer, each of which
/// has its own scale in <see cref="StorageType.Int8"/>. It takes part in no gradient; what trains stays float32.
/// </summary>
public sealed class StoredTensor
{
    private readonly ReadOnlyMemory<byte> _codes;
    private readonly ReadOnlyMemory<float> _scales;

    private StoredTensor(Shape shape, StorageType type, ReadOnlyMemory<byte> codes, ReadOnlyMemory<float> scales)
    {
        Shape = shape;
        Type = type;
        _codes = codes;
        _scales = scales;
    }

    /// <summary>Sizes, outermost first.</summary>
    public Shape Shape { get; }

    /// <summary>How the numbers are kept.</summary>
    public StorageType Type { get; }

    /// <summary>Entries of the first axis.</summary>
    public int Rows => Shape[0];

    /// <summary>Elements in a row.</summary>
    public int RowLength => Shape.Stride(0);

    /// <summary>The codes as they lie in memory or in a file, row after row.</summary>
    public ReadOnlyMemory<byte> CodeBytes => _codes;

    /// <summary>Bytes of the codes and scales.</summary>
    public long Bytes => (long)Shape.Count * BytesOf(Type) + _scales.Length * sizeof(float);

    /// <summary>The values of <see cref="StorageType.Float32"/>.</summary>
    /// <exception cref="InvalidOperationException">They are stored otherwise.</exception>
    public ReadOnlySpan<float> Float32 => Codes<float>(StorageType.Float32);

    /// <summary>The bits of <see cref="StorageType.BFloat16"/>.</summary>
    /// <exception cref="InvalidOperationException">They are stored otherwise.</exception>
    public ReadOnlySpan<ushort> BFloat16 => Codes<ushort>(StorageType.BFloat16);

    /// <summary>The values of <see cref="StorageType.Float16"/>.</summary>
    /// <exception cref="InvalidOperationException">They are stored otherwise.</exception>
    public ReadOnlySpan<Half> Float16 => Codes<Half>(StorageType.Float16);

    /// <summary>The codes of <see cref="StorageType.Int8"/>.</summary>
    /// <exception cref="InvalidOperationException">They are stored otherwise.</exception>
    public ReadOnlySpan<sbyte> Int8 => Codes<sbyte>(StorageType.Int8);

    /// <summary>The scale of every row for <see cref="StorageType.Int8"/>, else empty.</summary>
    public ReadOnlySpan<float> Scales => _scales.Span;

    /// <summary>
    /// Stores values: to the nearest, ties to even. Half precision makes infinities of what is beyond its range;
    /// <see cref="StorageType.Int8"/> scales each row so that its largest magnitude is 127.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor has no axis, or a row for <see cref="StorageType.Int8"/> is not finite.</exception>
    public static StoredTensor From(Tensor tensor, StorageType type)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Shape.Rank == 0)
            throw new ArgumentException("A number has no rows.", nameof(tensor));
        bool scaled = type == StorageType.Int8;
        if (scaled)
            RequireFinite(tensor, tensor.Shape.Stride(0));
        Memory<byte> codes = AlignedMemory.AllocateBytes(checked(tensor.Count * BytesOf(type)));
        float[] scales = new float[scaled ? tensor.Shape[0] : 0];
        StoredTensor stored = new(tensor.Shape, type, codes, scales);
        RowParallel.For(stored.Rows, stored.Grain, (stored, tensor, codes, scales), static (s, start, end) =>
            s.stored.Encode(s.tensor.Values, s.codes.Span, s.scales, start, end));
        return stored;
    }

    /// <summary>A weight whose codes are somewhere already, as in a mapped file: nothing is copied.</summary>
    /// <param name="shape">Sizes, outermost first; at least one.</param>
    /// <param name="type">How the numbers are kept.</param>
    /// <param name="codes">Row after row, little-endian, at any address. Nobody may change them as long as the weight is used.</param>
    /// <param name="scales">The scale of every row for <see cref="StorageType.Int8"/>, else empty.</param>
    /// <exception cref="ArgumentException">The lengths are not those of the shape.</exception>
    public static StoredTensor Wrap(Shape shape, StorageType type, ReadOnlyMemory<byte> codes, ReadOnlyMemory<float> scales = default)
    {
        if (shape.Rank == 0)
            throw new ArgumentException("A number has no rows.", nameof(shape));
        if (codes.Length != (long)shape.Count * BytesOf(type))
            throw new ArgumentException($"{type} {shape} has {(long)shape.Count * BytesOf(type)} bytes, {codes.Length} were given.", nameof(codes));
        int wanted = type == StorageType.Int8 ? shape[0] : 0;
        if (scales.Length != wanted)
            throw new ArgumentException($"{type} {shape} has {wanted} scales, {scales.Length} were given.", nameof(scales));
        return new StoredTensor(shape, type, codes, scales);
    }

    /// <summary>The rows [start, start + count) as a weight that shares the memory of this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    public StoredTensor SliceRows(int start, int count)
    {
        RequireRows(start, count);
        int rowBytes = RowLength * BytesEach;
        return new StoredTensor(
            Shape.With(0, count), Type, _codes.Slice(start * rowBytes, count * rowBytes), _scales.IsEmpty ? _scales : _scales.Slice(start, count));
    }

    /// <summary>The stored values as floats.</summary>
    public Tensor ToTensor()
    {
        Tensor tensor = new(Shape);
        RowParallel.For(Rows, Grain, (stored: this, tensor), static (s, start, end) =>
        {
            int length = s.stored.RowLength;
            s.stored.DecodeRows(start, end - start, s.tensor.Values[(start * length)..(end * length)]);
        });
        return tensor;
    }

    /// <summary>The rows [start, start + count) as floats.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="destination">count * <see cref="RowLength"/> floats.</param>
    /// <exception cref="ArgumentException">There are no such rows, or the destination has another length.</exception>
    public void DecodeRows(int start, int count, Span<float> destination)
    {
        RequireRows(start, count);
        int length = RowLength, from = start * length, floats = count * length;
        if (destination.Length != floats)
            throw new ArgumentException($"{count} rows of {Shape} are {floats} floats, the destination has {destination.Length}.");
        switch (Type)
        {
            case StorageType.Float32:
                Float32.Slice(from, floats).CopyTo(destination);
                break;
            case StorageType.BFloat16:
                Simd.Run(new BFloat16Decode { X = BFloat16.Slice(from, floats), Y = destination });
                break;
            case StorageType.Float16:
                Kernels.Float16.Decode(Float16.Slice(from, floats), destination);
                break;
            default:
                for (int row = 0; row < count; row++)
                {
                    Simd.Run(new Int8Decode
                    {
                        X = Int8.Slice(from + row * length, length),
                        Scale = Scales[start + row],
                        Y = destination.Slice(row * length, length),
                    });
                }

                break;
        }

        GC.KeepAlive(this);   // of a mapped file: a span does not keep it mapped
    }

    /// <summary>
    /// y = start + W x for one vector, the weight read once and as it is stored. Bytes are multiplied with x rounded to 16 bits, so that each
    /// product is off by at most 1/65,534 of the largest |x| among 512 neighbours.
    /// </summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <param name="start">[outputs], or empty for zeros; may be y itself.</param>
    /// <exception cref="ArgumentException">The weight has not two axes, or a length does not fit.</exception>
    public void Multiply(ReadOnlyMemory<float> x, Memory<float> y, ReadOnlyMemory<float> start = default)
    {
        if (Shape.Rank != 2 || x.Length != RowLength || y.Length != Rows || (!start.IsEmpty && start.Length != Rows))
            throw new ArgumentException($"The weight is {Shape}; x has {x.Length} elements, y {y.Length} and start {start.Length}.");
        OutputMajorProduct.Vector(this, x, y, start);
    }

    /// <summary>As in <c>BFloat16 [256, 64]</c>.</summary>
    public override string ToString() => $"{Type} {Shape}";

    private int Grain => Ops.Grain(RowLength);

    internal static int BytesOf(StorageType type) => type switch
    {
        StorageType.Float32 => sizeof(float),
        StorageType.BFloat16 or StorageType.Float16 => sizeof(ushort),
        StorageType.Int8 => sizeof(sbyte),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a storage type"),
    };

    private static void RequireFinite(Tensor tensor, int rowLength)
    {
        int at = tensor.Values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (at >= 0)
            throw new ArgumentException($"Row {at / rowLength} of {tensor.Shape} has {tensor.Values[at]}: there is no scale for it.");
    }

    private void RequireRows(int start, int count)
    {
        if (start < 0 || count < 0 || count > Rows - start)
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} rows from {start} on are not within {Shape}.");
    }

    private void Encode(ReadOnlySpan<float> values, Span<byte> codes, float[] scales, int start, int end)
    {
        int length = RowLength;
        Range piece = (start * length)..(end * length);
        switch (Type)
        {
            case StorageType.Float32:
                values[piece].CopyTo(MemoryMarshal.Cast<byte, float>(codes)[piece]);
                break;
            case StorageType.BFloat16:
                Simd.Run(new BFloat16Encode { X = values[piece], Y = MemoryMarshal.Cast<byte, ushort>(codes)[piece] });
                break;
            case StorageType.Float16:
                Kernels.Float16.Encode(values[piece], MemoryMarshal.Cast<byte, Half>(codes)[piece]);
                break;
            default:
                for (int row = start; row < end; row++)
                {
                    Simd.Run(new Int8Encode
                    {
                        X = values.Slice(row * length, length),
                        Y = MemoryMarshal.Cast<byte, sbyte>(codes).Slice(row * length, length),
                        Scale = scales.AsSpan(row, 1),
                    });
                }

                break;
        }
    }

    /// <summary>Bytes of one code.</summary>
    internal int BytesEach => BytesOf(Type);

    /// <summary>The codes, whatever they stand for.</summary>
    internal ReadOnlySpan<T> AllCodes<T>()
        where T : struct => MemoryMarshal.Cast<byte, T>(_codes.Span);

    private ReadOnlySpan<T> Codes<T>(StorageType type)
        where T : struct => Type == type
        ? AllCodes<T>()
        : throw new InvalidOperationException($"The weight {Shape} is stored as {Type}, not as {type}.");
}
