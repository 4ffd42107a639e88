using System.Numerics.Tensors;
using SpikeEngine.Model.Checkpoints.PyTorch;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Writes a checkpoint in another form, tensor by tensor, so that it may be larger than the memory.</summary>
public static class CheckpointConversion
{
    /// <summary>Writes configuration, weights and, if the source has one, tokenizer into an existing folder.</summary>
    /// <param name="folder">The folder. It is not the source's, and has no weights of another form, which a reader might take instead.</param>
    /// <param name="source">The model.</param>
    /// <param name="layout">Names, configuration and file form.</param>
    /// <param name="type">How the matrices are kept, with small tensors in single precision; null keeps the type and the bytes of every tensor.</param>
    /// <param name="head">How the embedding and the head are kept; null for <paramref name="type"/>.</param>
    /// <param name="shardBytes">Most bytes of tensors in a file; null for one file.</param>
    /// <param name="progress">Told the share that is written.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    /// <exception cref="ArgumentException">The layout cannot say what it is asked to; nothing is written.</exception>
    /// <exception cref="InvalidDataException">A value is no finite number, or has none in the type asked for.</exception>
    public static void Write(
        string folder, Checkpoint source, CheckpointLayout layout = CheckpointLayout.HuggingFace, StorageType? type = null, StorageType? head = null,
        long? shardBytes = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        Conversion conversion = new(source, layout, type, head ?? type, progress, cancellation);
        IReadOnlyList<TensorContent> tensors = conversion.Tensors();
        string config = Path.Combine(folder, ModelFolder.ConfigFile);
        if (layout == CheckpointLayout.StateSpaces)
        {
            RequireExpressible(tensors, shardBytes);
            StateSpacesConfig.Save(config, source.Config as Mamba2Config
                ?? throw new ArgumentException($"the state-spaces layout has no words for a model of type '{source.Config.ModelType}'", nameof(layout)));
            PyTorchWriter.Write(Path.Combine(folder, WeightFiles.PyTorch), tensors, source.Config.TieEmbeddings ? [(ModelTensors.Head, CheckpointNames.StateSpacesNameOf(ModelTensors.Embedding))] : []);
        }
        else
        {
            // One group is the whole width: there grouped_norm says nothing, and transformers does not know it.
            LanguageModelConfig written = source.Config is Mamba2Config mamba2
                ? mamba2 with { GroupedNorm = mamba2 is { GroupedNorm: true, GroupCount: > 1 } }
                : source.Config;
            ModelConfig.Save(config, written, TypeOfMatrices(source.Config, tensors));
            SafetensorsShards.Write(folder, tensors, shardBytes);
        }

        CopyTokenizer(source, folder);
    }

    private static void RequireExpressible(IReadOnlyList<TensorContent> tensors, long? shardBytes)
    {
        if (shardBytes is not null)
            throw new ArgumentException("the state-spaces layout has its weights in one file; shards need the Hugging Face layout", nameof(shardBytes));
        if (tensors.FirstOrDefault(tensor => !tensor.DType.IsFloat()) is { } codes)
            throw new ArgumentException($"tensor '{codes.Name}' is {codes.DType}; the state-spaces layout has no words for int8, choose another type or the Hugging Face layout");
    }

    private static StorageType TypeOfMatrices(LanguageModelConfig config, IReadOnlyList<TensorContent> tensors) => TypeOf(tensors, ProjectionOf(config)) switch
    {
        TensorDType.BF16 => StorageType.BFloat16,
        TensorDType.F16 => StorageType.Float16,
        TensorDType.I8 => StorageType.Int8,
        _ => StorageType.Float32,
    };

    private static TensorDType TypeOf(IReadOnlyList<TensorContent> tensors, string name) => tensors.First(tensor => tensor.Name == name).DType;

    private static string ProjectionOf(LanguageModelConfig config) =>
        config.Tensors().First(tensor => tensor.IsMatrix && tensor.Name != config.EmbeddingName && tensor.Name.Contains("layers.", StringComparison.Ordinal)).Name;

    /// <summary>As it is: weights are converted whether their tokenizer can be used here or not.</summary>
    private static void CopyTokenizer(Checkpoint source, string folder)
    {
        string from = Path.GetDirectoryName(source.Path)!;
        foreach (string name in Gpt2Files.All.Prepend(ModelFolder.TokenizerFile).Where(name => File.Exists(Path.Combine(from, name))))
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(File.ReadAllBytes(Path.Combine(from, name))));
    }

    private sealed class Conversion(
        Checkpoint source, CheckpointLayout layout, StorageType? type, StorageType? head, IProgress<double>? progress, CancellationToken cancellation)
    {
        private readonly CheckpointWeights _weights = new(source);
        private readonly double _total = source.Config.Tensors().Sum(tensor => (double)new Shape(tensor.Dims).Count);
        private double _done;

        /// <summary>The large ones first: what is before them would shift them off the boundaries that the file begins with.</summary>
        public IReadOnlyList<TensorContent> Tensors() =>
            [.. source.Config.Tensors().OrderByDescending(tensor => tensor.IsMatrix).SelectMany(Contents)];

        private IEnumerable<TensorContent> Contents(ModelTensor tensor)
        {
            string name = layout == CheckpointLayout.StateSpaces ? CheckpointNames.StateSpacesNameOf(tensor.Name) : tensor.Name;
            if (tensor.IsMatrix && (tensor.Name == source.Config.EmbeddingName || tensor.Name == ModelTensors.Head ? head : type) is { } kept)
                return TensorContent.Stored(name, tensor.Dims, kept, () => Matrix(tensor, kept));
            return !tensor.IsMatrix && type is not null ? [TensorContent.Of(name, TensorDType.F32, tensor.Dims, () => Small(tensor))] : AsTheyAre(name, tensor);
        }

        private IEnumerable<TensorContent> AsTheyAre(string name, ModelTensor tensor)
        {
            yield return TensorContent.Of(name, source.Entry(tensor.Name).DType, tensor.Dims, () =>
            {
                Advance(tensor);
                return source.Bytes(tensor.Name);
            });
            string scales = CheckpointNames.ScaleOf(tensor.Name);
            if (source.Contains(scales))
                yield return TensorContent.Of(CheckpointNames.ScaleOf(name), TensorDType.F32, tensor.Dims.AsMemory(0, 1), () => source.Bytes(scales));
        }

        private StoredTensor Matrix(ModelTensor tensor, StorageType kept)
        {
            Advance(tensor);
            StoredTensor stored = _weights.Matrix(tensor.Name, tensor.Dims[0], tensor.Dims[1], kept);
            return kept != StorageType.Float16 || TensorPrimitives.IsFiniteAll(stored.Float16)
                ? stored
                : throw new InvalidDataException($"{source.Path}: {source.Entry(tensor.Name)} has values beyond 65504, the largest of float16; bfloat16 has them");
        }

        private ReadOnlyMemory<byte> Small(ModelTensor tensor)
        {
            Advance(tensor);
            return StoredTensor.From(_weights.Small(tensor.Name, tensor.Dims), StorageType.Float32).CodeBytes;
        }

        private void Advance(ModelTensor tensor)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(_done / _total);
            _done += new Shape(tensor.Dims).Count;
        }
    }
}
