using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight in fewer bytes. Rows are the entries of the first axis: the output channels of a linear layer, each of which
/// has its own scale in <see cref="StorageType.Int8"/>. It takes part in no gradient; what trains stays float32.
/// </summary>
public sealed class StoredTensor
{
    private readonly Memory<float> _block;   // the codes, on a 64-byte boundary
    private readonly float[] _scales;

    private StoredTensor(Shape shape, StorageType type)
    {
        Shape = shape;
        Type = type;
        int bytesEach = BytesOf(type);
        _block = AlignedMemory.Allocate((int)(((long)shape.Count * bytesEach + sizeof(float) - 1) / sizeof(float)));
        _scales = new float[type == StorageType.Int8 ? Rows : 0];
    }

    /// <summary>Sizes, outermost first.</summary>
    public Shape Shape { get; }

    /// <summary>How the numbers are kept.</summary>
    public StorageType Type { get; }

    /// <summary>Entries of the first axis.</summary>
    public int Rows => Shape[0];

    /// <summary>Elements in a row.</summary>
    public int RowLength => Shape.Stride(0);

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
    public ReadOnlySpan<float> Scales => _scales;

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
        StoredTensor stored = new(tensor.Shape, type);
        if (type == StorageType.Int8)
            RequireFinite(tensor, stored.RowLength);
        RowParallel.For(stored.Rows, stored.Grain, (tensor, stored), static (s, start, end) =>
            s.stored.Encode(s.tensor.Values, start, end));
        return stored;
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
        if (start < 0 || count < 0 || count > Rows - start)
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} rows from {start} on are not within {Shape}.");
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
                        Scale = _scales[start + row],
                        Y = destination.Slice(row * length, length),
                    });
                }

                break;
        }
    }

    /// <summary>As in <c>BFloat16 [256, 64]</c>.</summary>
    public override string ToString() => $"{Type} {Shape}";

    private int Grain => Ops.Grain(RowLength);

    private static int BytesOf(StorageType type) => type switch
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

    private void Encode(ReadOnlySpan<float> values, int start, int end)
    {
        int length = RowLength;
        Range piece = (start * length)..(end * length);
        switch (Type)
        {
            case StorageType.Float32:
                values[piece].CopyTo(Writable<float>()[piece]);
                break;
            case StorageType.BFloat16:
                Simd.Run(new BFloat16Encode { X = values[piece], Y = Writable<ushort>()[piece] });
                break;
            case StorageType.Float16:
                Kernels.Float16.Encode(values[piece], Writable<Half>()[piece]);
                break;
            default:
                for (int row = start; row < end; row++)
                {
                    Simd.Run(new Int8Encode
                    {
                        X = values.Slice(row * length, length),
                        Y = Writable<sbyte>().Slice(row * length, length),
                        Scale = _scales.AsSpan(row, 1),
                    });
                }

                break;
        }
    }

    /// <summary>Bytes of one code.</summary>
    internal int BytesEach => BytesOf(Type);

    /// <summary>The codes, whatever they stand for.</summary>
    internal ReadOnlySpan<T> AllCodes<T>()
        where T : struct => Writable<T>();

    private Span<T> Writable<T>()
        where T : struct => MemoryMarshal.Cast<float, T>(_block.Span)[..Shape.Count];

    private ReadOnlySpan<T> Codes<T>(StorageType type)
        where T : struct => Type == type
        ? Writable<T>()
        : throw new InvalidOperationException($"The weight {Shape} is stored as {Type}, not as {type}.");
}
