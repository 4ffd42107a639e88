namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Writes a model that has learned nothing, tensor by tensor, so that it may be larger than the memory: of real sizes, to measure speed.
/// Its numbers are those of <see cref="ParameterStore.Random"/> for the same seed.
/// </summary>
public static class RandomCheckpoint
{
    /// <summary>Writes configuration and weights into an existing folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="seed">Seed of the numbers.</param>
    /// <param name="type">How the matrices are kept; small tensors are single precision.</param>
    /// <param name="shardBytes">Most bytes of tensors in a file; null for one file.</param>
    /// <param name="progress">Told the share that is written.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    public static void Write(
        string folder, LanguageModelConfig config, ulong seed, StorageType type = StorageType.Float32, long? shardBytes = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        ModelTensor[] tensors = [.. config.Tensors()];
        Memory<float> room = new float[tensors.Max(tensor => new Shape(tensor.Dims).Count)];
        double total = tensors.Sum(tensor => (double)new Shape(tensor.Dims).Count), done = 0;

        // The large ones first: what is before them would shift them off the boundaries that the file begins with.
        List<TensorContent> contents =
        [
            .. tensors.OrderByDescending(tensor => tensor.IsMatrix)
                .SelectMany(tensor => TensorContent.Stored(tensor.Name, tensor.Dims, tensor.IsMatrix ? type : StorageType.Float32, () => Make(tensor))),
        ];
        SafetensorsShards.Write(folder, contents, shardBytes);
        ModelConfig.Save(Path.Combine(folder, ModelFolder.ConfigFile), config, type);

        StoredTensor Make(ModelTensor tensor)
        {
            cancellation.ThrowIfCancellationRequested();
            Shape shape = new(tensor.Dims);
            Tensor values = new(shape, room[..shape.Count]);
            tensor.Initializer(values.Values, new SeededRandom(seed, tensor.Name));
            progress?.Report((done += values.Count) / total);
            return StoredTensor.From(values, tensor.IsMatrix ? type : StorageType.Float32);
        }
    }
}
