namespace SpikeEngine.Model.Checkpoints;

/// <summary>The rules for where tensors lie: each as long as its shape says, and all of them tiling the data without a gap.</summary>
internal static class SafetensorsLayout
{
    /// <summary>shape × size of the type = bytes</summary>
    public static void CheckSize(string path, TensorEntry tensor)
    {
        long bytes = tensor.DType.Size();
        try
        {
            foreach (long size in tensor.Shape)
                bytes = checked(bytes * size);
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"{path}: {tensor}: the product of its shape overflows 64 bits");
        }

        if (bytes != tensor.ByteLength)
            throw new InvalidDataException($"{path}: {tensor} needs {bytes} bytes, data_offsets give {tensor.ByteLength}");
    }

    /// <summary>
    /// In data order each tensor begins where the one before it ends, from 0 to <paramref name="dataLength"/>: so
    /// none overlap, none leaves a hole in which something could hide, and a file cut short is noticed at once.
    /// </summary>
    public static void Check(string path, IEnumerable<TensorEntry> entries, long dataLength)
    {
        long covered = 0;
        foreach (TensorEntry tensor in entries.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.Begin < covered)
                throw new InvalidDataException($"{path}: {tensor} begins at {tensor.Begin} and overlaps the one that ends at {covered}");
            if (tensor.Begin > covered)
                throw new InvalidDataException($"{path}: the bytes {covered}..{tensor.Begin} before {tensor} belong to no tensor");
            if (tensor.End > dataLength)
                throw new InvalidDataException($"{path}: {tensor} ends at {tensor.End} of {dataLength} data bytes; is it cut short?");
            covered = tensor.End;
        }

        if (covered != dataLength)
            throw new InvalidDataException($"{path}: the last {dataLength - covered} bytes belong to no tensor");
    }
}
