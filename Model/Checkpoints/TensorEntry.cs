namespace SpikeEngine.Model.Checkpoints;

/// <summary>What a weight file says of one tensor. Its claims have been checked against the file.</summary>
public sealed class TensorEntry
{
    internal TensorEntry(string name, TensorDType dtype, long[] shape, long begin, long end, long[]? strides = null)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
        Begin = begin;
        ByteLength = end - begin;
        Strides = strides;
    }

    /// <summary>The key of the tensor, for instance <c>backbone.norm_f.weight</c>. Never a path.</summary>
    public string Name { get; }

    /// <summary>The stored type of its values.</summary>
    public TensorDType DType { get; }

    /// <summary>Its sizes, slowest axis first; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>The size of its values, row-major and without gaps.</summary>
    public long ByteLength { get; }

    /// <summary>The number of its values, 1 for a scalar.</summary>
    public long ElementCount => ByteLength / DType.Size();

    /// <summary>Where its first value is, counted from where the file's kind has its data begin.</summary>
    internal long Begin { get; }

    /// <summary>Where it ends, if its values lie together.</summary>
    internal long End => Begin + ByteLength;

    /// <summary>Values from one index to the next of each axis, unless they lie together in row-major order: then null.</summary>
    internal long[]? Strides { get; }

    /// <summary>For messages: <c>tensor 'a' F32 [2, 3]</c>.</summary>
    public override string ToString() =>
        $"tensor '{MessageText.Shorten(Name)}' {DType.ToString().ToUpperInvariant()} [{MessageText.Shorten(string.Join(", ", Shape))}]";

    /// <summary>Whether the shape is this one.</summary>
    public bool HasShape(ReadOnlySpan<int> shape)
    {
        bool equal = Shape.Length == shape.Length;
        for (int axis = 0; equal && axis < shape.Length; axis++)
            equal = Shape[axis] == shape[axis];
        return equal;
    }
}
