namespace SpikeEngine.Model.Checkpoints;

/// <summary>What a safetensors header says of one tensor. Its claims have been checked against the file.</summary>
public sealed class TensorEntry
{
    internal TensorEntry(string name, TensorDType dtype, long[] shape, long begin, long end)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
        Begin = begin;
        ByteLength = end - begin;
    }

    /// <summary>The key of the tensor, for instance <c>backbone.norm_f.weight</c>. Never a path.</summary>
    public string Name { get; }

    /// <summary>The stored type of its values.</summary>
    public TensorDType DType { get; }

    /// <summary>Its sizes, slowest axis first; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>Its size in the file.</summary>
    public long ByteLength { get; }

    /// <summary>The number of its values, 1 for a scalar.</summary>
    public long ElementCount => ByteLength / DType.Size();

    /// <summary>Where it starts, counted from the first byte after the header.</summary>
    internal long Begin { get; }

    internal long End => Begin + ByteLength;

    /// <summary>For messages: <c>tensor 'a' F32 [2, 3]</c>.</summary>
    public override string ToString() =>
        $"tensor '{SafetensorsHeader.Shorten(Name)}' {DType.ToString().ToUpperInvariant()} [{string.Join(", ", Shape)}]";
}
