using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Writes single-precision tensors as a safetensors file, whole or not at all.</summary>
public static class SafetensorsWriter
{
    private const int ValuesPerWrite = 1 << 20;

    /// <summary>Writes the tensors in the order given; the same input gives the same bytes.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names, row-major shapes and values. Names must differ.</param>
    /// <param name="metadata">Free text for the header.</param>
    public static void Write(
        string path,
        IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("safetensors files are written on little-endian machines only");

        var list = tensors.ToList();
        Check(list);
        byte[] header = BuildHeader(list, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach ((_, _, ReadOnlyMemory<float> values) in list)
                WriteValues(stream, values.Span);
        });
    }

    private static void Check(List<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        foreach ((string name, int[] shape, ReadOnlyMemory<float> values) in tensors)
        {
            if (!names.Add(name))
                throw new ArgumentException($"tensor '{name}': the name is taken", nameof(tensors));
            if (Array.Exists(shape, size => size < 0) || Product(shape) != values.Length)
                throw new ArgumentException($"tensor '{name}' [{string.Join(", ", shape)}] got {values.Length} values", nameof(tensors));
        }
    }

    /// <summary>Capped beyond any real length: the product of many ints overflows every integer type.</summary>
    private static Int128 Product(int[] shape)
    {
        Int128 product = 1;
        foreach (int size in shape)
            product = Int128.Min(product * size, (Int128)1 << 64);
        return product;
    }

    private static byte[] BuildHeader(
        List<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
                WriteMetadata(json, metadata);

            long offset = 0;
            foreach ((string name, int[] shape, ReadOnlyMemory<float> values) in tensors)
                WriteEntry(json, name, shape, offset, offset += (long)values.Length * sizeof(float));
            json.WriteEndObject();
        }

        // Blanks keep the data 8-byte aligned; the length field before the header is 8 bytes itself.
        int padding = -buffer.WrittenCount & 7;
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

    private static void WriteEntry(Utf8JsonWriter json, string name, int[] shape, long begin, long end)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", "F32");
        json.WriteStartArray("shape");
        foreach (int size in shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>In pieces, because a span of bytes ends at 2 GiB and a tensor need not.</summary>
    private static void WriteValues(Stream stream, ReadOnlySpan<float> values)
    {
        while (!values.IsEmpty)
        {
            ReadOnlySpan<float> piece = values[..Math.Min(ValuesPerWrite, values.Length)];
            stream.Write(MemoryMarshal.AsBytes(piece));
            values = values[piece.Length..];
        }
    }
}
