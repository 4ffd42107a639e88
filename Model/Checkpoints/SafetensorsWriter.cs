using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Writes tensors as a safetensors file, whole or not at all.</summary>
public static class SafetensorsWriter
{
    private const int DataAlignment = 64;   // of the first tensor: no register of a mapped file need straddle two cache lines

    /// <summary>Writes single-precision tensors in the order given.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyList{TensorContent}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(
        string path,
        IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        List<TensorContent> contents = [];
        foreach ((string name, int[] shape, ReadOnlyMemory<float> values) in tensors)
        {
            TensorContent content = TensorContent.Of(name, shape, values);
            if (content.ByteLength != (long)values.Length * sizeof(float))
                throw new ArgumentException($"tensor '{name}' [{string.Join(", ", shape)}] got {values.Length} values", nameof(tensors));
            contents.Add(content);
        }

        Write(path, contents, metadata);
    }

    /// <summary>Writes the tensors in the order given; the same input gives the same bytes.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names must differ.</param>
    /// <param name="metadata">Free text for the header.</param>
    public static void Write(string path, IReadOnlyList<TensorContent> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("safetensors files are written on little-endian machines only");

        Check(tensors);
        byte[] header = BuildHeader(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (TensorContent tensor in tensors)
            {
                long end = stream.Position + tensor.ByteLength;
                tensor.WriteTo(stream);
                if (stream.Position != end)
                    throw new InvalidOperationException($"tensor '{tensor.Name}' wrote {stream.Position - end + tensor.ByteLength} of {tensor.ByteLength} bytes");
            }
        });
    }

    private static void Check(IReadOnlyList<TensorContent> tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        foreach (TensorContent tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"tensor '{tensor.Name}': the name is taken", nameof(tensors));
            if (tensor.Shape.ContainsAnyInRange(int.MinValue, -1))
                throw new ArgumentException($"tensor '{tensor.Name}' [{string.Join(", ", tensor.Shape.ToArray())}] has a negative size", nameof(tensors));
        }
    }

    private static byte[] BuildHeader(IReadOnlyList<TensorContent> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
                WriteMetadata(json, metadata);

            long offset = 0;
            foreach (TensorContent tensor in tensors)
                WriteEntry(json, tensor, offset, offset += tensor.ByteLength);
            json.WriteEndObject();
        }

        // Blanks keep the data aligned; the length field before the header is 8 bytes itself.
        int padding = -(buffer.WrittenCount + sizeof(long)) & (DataAlignment - 1);
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        if (buffer.WrittenCount > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"the header would have {buffer.WrittenCount} bytes, more than any reader takes", nameof(tensors));
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorContent tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.DType.ToString().ToUpperInvariant());
        json.WriteStartArray("shape");
        foreach (int size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
