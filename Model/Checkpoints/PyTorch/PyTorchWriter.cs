namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>Writes a state dict as <c>torch.save</c> does, whole or not at all. The same input gives the same bytes.</summary>
internal static class PyTorchWriter
{
    private const string Root = "archive";

    /// <summary>Writes the tensors in the order given.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names must differ.</param>
    /// <param name="aliases">Further names of tensors, which share their storage.</param>
    /// <exception cref="ArgumentException">A name is taken, an alias has no tensor, or PyTorch has no such storage.</exception>
    public static void Write(string path, IReadOnlyList<TensorContent> tensors, params IReadOnlyList<(string Alias, string Name)> aliases)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(aliases);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("PyTorch files are written on little-endian machines only");

        ReadOnlyMemory<byte> pickle = Pickle(tensors, aliases);
        AtomicFile.Write(path, stream =>
        {
            using StoredZipWriter zip = new(stream);
            zip.Add($"{Root}/data.pkl", pickle);
            zip.Add($"{Root}/byteorder", "little"u8.ToArray());
            for (int i = 0; i < tensors.Count; i++)
                zip.Add($"{Root}/data/{i}", tensors[i].ByteLength, tensors[i].WriteTo);
            zip.Add($"{Root}/version", "3\n"u8.ToArray());
            zip.Finish();
        });
    }

    private static ReadOnlyMemory<byte> Pickle(IReadOnlyList<TensorContent> tensors, IReadOnlyList<(string Alias, string Name)> aliases)
    {
        using PickleWriter pickle = new();
        Dictionary<string, int> keys = new(StringComparer.Ordinal);
        for (int i = 0; i < tensors.Count; i++)
            Add(tensors[i].Name, i);
        foreach ((string alias, string name) in aliases)
            Add(alias, keys.TryGetValue(name, out int key) ? key : throw new ArgumentException($"tensor '{alias}' is another name of '{name}', which is not there", nameof(aliases)));
        return pickle.Finish();

        void Add(string name, int key)
        {
            if (!keys.TryAdd(name, key))
                throw new ArgumentException($"tensor '{name}': the name is taken", nameof(tensors));
            pickle.Tensor(name, $"{key}", StorageOf(tensors[key]), tensors[key].Shape);
        }
    }

    private static string StorageOf(TensorContent tensor) => tensor.DType switch
    {
        TensorDType.F64 => "DoubleStorage",
        TensorDType.F32 => "FloatStorage",
        TensorDType.F16 => "HalfStorage",
        TensorDType.BF16 => "BFloat16Storage",
        _ => throw new ArgumentException($"tensor '{tensor.Name}' is {tensor.DType}; a PyTorch file of weights is written with floating-point values only"),
    };
}
