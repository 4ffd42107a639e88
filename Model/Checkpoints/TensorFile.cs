using System.Buffers;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Tensors by name in a file, or in several that belong together. Opening costs the list of tensors only; values are read
/// when asked for, on any number of threads. A damaged or hostile file gives an <see cref="InvalidDataException"/> that
/// names the file, the tensor and the offence.
/// </summary>
public abstract class TensorFile : IDisposable
{
    /// <summary>Bytes looked at together: whole values of every type, and far below the 2 GiB where a span ends.</summary>
    private const int PieceLength = 1 << 24;

    private readonly Dictionary<string, TensorEntry> _byName;

    private protected TensorFile(string path, IReadOnlyList<TensorEntry> entries)
    {
        Path = path;
        Entries = entries;
        _byName = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The file that was opened.</summary>
    public string Path { get; }

    /// <summary>The tensors in the order of the file's list, which need not be the order of the data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The entry of a tensor; a missing one is an error that lists the most similar names.</summary>
    public TensorEntry this[string name] => _byName.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new KeyNotFoundException(
            $"{Path}: no tensor '{name}' among {Entries.Count}; similar: {string.Join(", ", SimilarNames.Of(name, _byName.Keys))}");

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The values of a floating-point tensor, row-major, converted to single precision.</summary>
    public float[] ReadFloats(string name)
    {
        TensorEntry entry = this[name];
        RequireFloats(entry);
        float[] values = new float[ArrayLength(entry)];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>As <see cref="ReadFloats(string)"/>, into memory of exactly the right length.</summary>
    public void ReadFloats(string name, Span<float> destination)
    {
        TensorEntry entry = this[name];
        RequireFloats(entry);
        if (entry.ElementCount != destination.Length)
            throw new InvalidDataException($"{Path}: {entry} has {entry.ElementCount} values, the destination {destination.Length}");

        int size = entry.DType.Size();
        for (int done = 0; done < destination.Length;)
        {
            Span<float> target = destination.Slice(done, Math.Min(PieceLength / size, destination.Length - done));
            using IMemoryOwner<byte> source = Slice(entry, (long)done * size, target.Length * size);
            ValueConversion.ToFloats(entry.DType, source.Memory.Span, target);
            done += target.Length;
        }
    }

    /// <summary>As <see cref="ReadFloats(string, Span{float})"/>, and the stored shape must equal <paramref name="shape"/>.</summary>
    public void ReadFloats(string name, ReadOnlySpan<int> shape, Span<float> destination)
    {
        TensorEntry entry = this[name];
        if (!entry.HasShape(shape))
            throw new InvalidDataException($"{Path}: {entry}, expected [{string.Join(", ", shape.ToArray())}]");

        ReadFloats(name, destination);
    }

    /// <summary>The stored bytes of a tensor, row-major and little-endian, into memory of exactly the right length.</summary>
    public void ReadBytes(string name, Span<byte> destination)
    {
        TensorEntry entry = this[name];
        if (entry.ByteLength != destination.Length)
            throw new InvalidDataException($"{Path}: {entry} has {entry.ByteLength} bytes, the destination {destination.Length}");

        for (int done = 0; done < destination.Length;)
        {
            int length = Math.Min(PieceLength, destination.Length - done);
            using IMemoryOwner<byte> source = Slice(entry, done, length);
            source.Memory.Span.CopyTo(destination[done..]);
            done += length;
        }
    }

    /// <summary>The values of an integer or BOOL tensor, row-major.</summary>
    public long[] ReadInt64s(string name)
    {
        TensorEntry entry = this[name];
        if (entry.DType.IsFloat())
            throw new InvalidDataException($"{Path}: {entry} does not hold integers");

        long[] values = new long[ArrayLength(entry)];
        int size = entry.DType.Size();
        try
        {
            for (int done = 0; done < values.Length;)
            {
                Span<long> target = values.AsSpan(done, Math.Min(PieceLength / size, values.Length - done));
                using IMemoryOwner<byte> source = Slice(entry, (long)done * size, target.Length * size);
                ValueConversion.ToInt64s(entry.DType, source.Memory.Span, target);
                done += target.Length;
            }
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"{Path}: {entry} holds a value beyond 2^63 - 1");
        }
        return values;
    }

    /// <summary>Lets go of the file. What was read stays valid.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// The stored bytes of a tensor, row-major and little-endian: the mapped file itself where its values lie together, and
    /// a copy where they do not. They stay valid as long as the memory is referenced, even when the file is disposed.
    /// A span alone does not count as a reference.
    /// </summary>
    internal ReadOnlyMemory<byte> Bytes(string name)
    {
        TensorEntry entry = this[name];
        if (entry.ByteLength > Array.MaxLength)
            throw new InvalidDataException($"{Path}: {entry} has {entry.ByteLength} bytes; at most {Array.MaxLength} can be one memory");
        return Slice(entry, 0, (int)entry.ByteLength).Memory;
    }

    /// <summary>Bytes [start, start + length) of a tensor in row-major order; both are multiples of its value's size.</summary>
    internal abstract IMemoryOwner<byte> Slice(TensorEntry entry, long start, int length);

    /// <summary>Lets go of what the deriving class opened.</summary>
    private protected abstract void Dispose(bool disposing);

    private void RequireFloats(TensorEntry entry)
    {
        if (!entry.DType.IsFloat())
            throw new InvalidDataException($"{Path}: {entry} does not hold floating-point values");
    }

    private int ArrayLength(TensorEntry entry) => entry.ElementCount <= Array.MaxLength
        ? (int)entry.ElementCount
        : throw new InvalidDataException($"{Path}: {entry} has {entry.ElementCount} values, more than one array can hold");
}
