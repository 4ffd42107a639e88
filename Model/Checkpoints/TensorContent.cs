using System.Runtime.InteropServices;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>One tensor to write: what a header says of it, and its bytes when their turn comes, so that a file can be larger than the memory.</summary>
/// <param name="name">Its name.</param>
/// <param name="dtype">The type of its values.</param>
/// <param name="shape">Its sizes, slowest axis first.</param>
/// <param name="write">Writes the values, row-major and little-endian. Called once, after those of all tensors in front of it.</param>
public sealed class TensorContent(string name, TensorDType dtype, ReadOnlyMemory<int> shape, Action<Stream> write)
{
    private const int BytesPerWrite = 1 << 22;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The type of its values.</summary>
    public TensorDType DType => dtype;

    /// <summary>Its sizes, slowest axis first.</summary>
    public ReadOnlySpan<int> Shape => shape.Span;

    /// <summary>Length of its values. Capped beyond any file's: the product of many ints overflows every integer type.</summary>
    internal long ByteLength
    {
        get
        {
            Int128 length = dtype.Size();
            foreach (int size in Shape)
                length = Int128.Min(length * size, long.MaxValue);
            return (long)length;
        }
    }

    /// <summary>Single-precision values.</summary>
    public static TensorContent Of(string name, ReadOnlyMemory<int> shape, ReadOnlyMemory<float> values) =>
        new(name, TensorDType.F32, shape, stream => WriteBytes(stream, MemoryMarshal.AsBytes(values.Span)));

    /// <summary>Values of any type.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">The type of its values.</param>
    /// <param name="shape">Its sizes, slowest axis first.</param>
    /// <param name="make">Gives the values, row-major and little-endian, when their turn comes.</param>
    public static TensorContent Of(string name, TensorDType dtype, ReadOnlyMemory<int> shape, Func<ReadOnlyMemory<byte>> make) =>
        new(name, dtype, shape, stream => WriteBytes(stream, make().Span));

    /// <summary>A matrix in a storage type: one tensor, or for bytes two, with the scales of the rows as <c>NAME_scale</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">[outputs, inputs]</param>
    /// <param name="type">How its values are kept.</param>
    /// <param name="make">Makes it when its turn comes.</param>
    public static IEnumerable<TensorContent> Stored(string name, ReadOnlyMemory<int> shape, StorageType type, Func<StoredTensor> make)
    {
        float[] scales = [];
        yield return new TensorContent(name, type.ToDType(), shape, stream =>
        {
            StoredTensor stored = make();
            scales = stored.Scales.ToArray();
            WriteBytes(stream, stored.CodeBytes.Span);
        });
        if (type == StorageType.Int8)
        {
            yield return new TensorContent(
                name + TensorDTypes.ScaleSuffix, TensorDType.F32, shape[..1], stream => WriteBytes(stream, MemoryMarshal.AsBytes<float>(scales)));
        }
    }

    /// <summary>Writes the values.</summary>
    internal void WriteTo(Stream stream) => write(stream);

    /// <summary>In pieces, so that a cancelled or failing write ends soon.</summary>
    private static void WriteBytes(Stream stream, ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(BytesPerWrite, bytes.Length)..])
            stream.Write(bytes[..Math.Min(BytesPerWrite, bytes.Length)]);
    }
}
