using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Model.Decoding;

/// <summary>
/// Weights straight from a checkpoint: a matrix that is to be kept as it is stored stays in its mapped file, without a copy; any other is
/// converted.
/// </summary>
internal sealed class CheckpointWeights(Checkpoint checkpoint) : IDecoderWeights
{
    /// <inheritdoc/>
    public StoredTensor Matrix(string name, int outputs, int inputs, StorageType? type)
    {
        StorageType? stored = StoredAs(name);
        if (stored is { } same && (type ?? same) == same)
            return StoredTensor.Wrap(new Shape(outputs, inputs), same, checkpoint.Bytes(name), same == StorageType.Int8 ? Scales(name, outputs) : default);
        Tensor values = new(new Shape(outputs, inputs), new float[(long)outputs * inputs]);
        checkpoint.ReadFloats(name, values.Values);
        return StoredTensor.From(values, type ?? StorageType.Float32);
    }

    /// <inheritdoc/>
    public Tensor Small(string name, params ReadOnlySpan<int> dims)
    {
        Shape shape = new(dims);
        Tensor values = new(shape, new float[shape.Count]);
        checkpoint.ReadFloats(name, dims, values.Values);
        return values;
    }

    private float[] Scales(string name, int outputs)
    {
        float[] scales = new float[outputs];
        checkpoint.ReadFloats(CheckpointNames.ScaleOf(name), scales);
        return scales;
    }

    /// <summary>How a tensor is kept in the file, or null for a type that is computed with in single precision only.</summary>
    private StorageType? StoredAs(string name) => checkpoint.Entry(name).DType switch
    {
        TensorDType.F32 => StorageType.Float32,
        TensorDType.BF16 => StorageType.BFloat16,
        TensorDType.F16 => StorageType.Float16,
        TensorDType.I8 => StorageType.Int8,
        _ => null,
    };
}
