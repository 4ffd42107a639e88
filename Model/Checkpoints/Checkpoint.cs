using System.Buffers;
using System.Numerics.Tensors;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// The weights of a model folder of any dialect and any file form, checked against the folder's configuration and called by
/// Hugging Face's names. The values themselves are read when asked for, on any number of threads.
/// </summary>
/// <remarks>
/// A matrix <c>X.weight</c> may be stored as I8 codes from -127 to 127; then <c>X.weight_scale</c>, an F32 for each row,
/// lies beside it, and a value is its code times the scale of its row.
/// </remarks>
public sealed class Checkpoint : IDisposable
{
    private const int CodesPerPiece = 1 << 24;

    private readonly TensorFile _file;
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorEntry> _trainingOnly = new(StringComparer.Ordinal);

    private Checkpoint(TensorFile file, LanguageModelConfig config)
    {
        _file = file;
        Config = config;
        foreach (ModelTensor tensor in config.Tensors())
            Add(tensor);
        foreach (TensorEntry entry in file.Entries.Where(entry => LanguageModel.IsTrainingOnly(entry.Name)))
            _trainingOnly.Add(entry.Name, entry);
        string[] head = config.TieEmbeddings ? RequireTiedHead() : [];
        RefuseUnknown(head);
    }

    /// <summary>Sizes and switches.</summary>
    public LanguageModelConfig Config { get; }

    /// <summary>The file of the weights, or the index of several.</summary>
    public string Path => _file.Path;

    /// <summary>
    /// The tensors of the model, and the scales of those that are codes. The head of a tied model is not among them, even
    /// where the file has it.
    /// </summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>
    /// Opens the weights of a folder. Every tensor that its configuration asks for must be there in the right shape, and no
    /// other, so the configuration's sizes can be trusted.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The configuration or the weights are missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or config and weights contradict each other.</exception>
    public static Checkpoint Open(string folder)
    {
        LanguageModelConfig config = ModelConfig.Load(System.IO.Path.Combine(folder, ModelFolder.ConfigFile));
        var file = WeightFiles.Open(folder);
        try
        {
            return new Checkpoint(file, config);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the model has a tensor of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The type and the shape of a tensor, of the model or of its training. Its own name is that in the file.</summary>
    public TensorEntry Entry(string name) => _entries.TryGetValue(name, out TensorEntry? entry) || _trainingOnly.TryGetValue(name, out entry)
        ? entry
        : throw new KeyNotFoundException(
            $"{Path}: the model has no tensor '{name}'; similar: {string.Join(", ", SimilarNames.Of(name, _entries.Keys))}");

    /// <summary>
    /// The stored bytes of a tensor, row-major and little-endian: the mapped file itself where its values lie together, and
    /// a copy where they do not. They stay valid as long as the memory is referenced, even when the checkpoint is disposed;
    /// a span alone does not count as a reference.
    /// </summary>
    public ReadOnlyMemory<byte> Bytes(string name) => _file.Bytes(Entry(name).Name);

    /// <summary>The values of a tensor, row-major, in single precision. All are finite, or it is an error.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="destination">As long as the tensor has values.</param>
    public void ReadFloats(string name, Span<float> destination)
    {
        TensorEntry entry = Entry(name);
        if (entry.DType == TensorDType.I8)
            ReadCodes(name, entry, destination);
        else
            _file.ReadFloats(entry.Name, destination);
        if (!TensorPrimitives.IsFiniteAll<float>(destination))
            throw new InvalidDataException($"{Path}: {entry} has values that are not finite numbers");
    }

    /// <summary>As <see cref="ReadFloats(string, Span{float})"/>, and the shape must equal <paramref name="shape"/>.</summary>
    public void ReadFloats(string name, ReadOnlySpan<int> shape, Span<float> destination)
    {
        TensorEntry entry = Entry(name);
        if (!entry.HasShape(shape))
            throw new InvalidDataException($"{Path}: {entry}, expected [{string.Join(", ", shape.ToArray())}]");
        ReadFloats(name, destination);
    }

    /// <summary>Lets go of the files. What was read stays valid.</summary>
    public void Dispose() => _file.Dispose();

    private void Add(ModelTensor tensor)
    {
        (string name, int[] shape) = (tensor.Name, tensor.Dims);
        TensorEntry entry = Require(name, shape);
        if (entry.DType == TensorDType.I8 && tensor.IsMatrix)
        {
            string scale = CheckpointNames.ScaleOf(name);
            if (CheckpointNames.NameIn(_file, scale) is null)
                throw new InvalidDataException($"{Path}: {entry} is codes, and there is no '{scale}' to go with them");
            TensorEntry scales = Require(scale, [shape[0]]);
            if (scales.DType != TensorDType.F32)
                throw new InvalidDataException($"{Path}: {scales}, the scales of codes are F32");
            _entries.Add(scale, scales);
        }
        else if (!entry.DType.IsFloat())
        {
            throw new InvalidDataException($"{Path}: {entry} does not hold floating-point values");
        }
        _entries.Add(name, entry);
    }

    private TensorEntry Require(string name, int[] shape)
    {
        string stored = CheckpointNames.NameIn(_file, name)
            ?? throw new InvalidDataException($"{Path}: no tensor '{name}', which its {ModelFolder.ConfigFile} asks for");
        TensorEntry entry = _file[stored];
        return entry.HasShape(shape)
            ? entry
            : throw new InvalidDataException($"{Path}: {entry}, its {ModelFolder.ConfigFile} makes it [{string.Join(", ", shape)}]");
    }

    /// <summary>A state dict of a tied model names its embedding twice. Two different ones would be two models.</summary>
    /// <returns>The names in the file that go with the head.</returns>
    private string[] RequireTiedHead()
    {
        string[] head = [ModelTensors.Head, CheckpointNames.ScaleOf(ModelTensors.Head)];
        string[] embedding = [Config.EmbeddingName, CheckpointNames.ScaleOf(Config.EmbeddingName)];
        for (int i = 0; i < head.Length; i++)
        {
            if (!_file.Contains(head[i]))
                continue;
            if (!Contains(embedding[i]) || !HaveEqualBytes(_file[head[i]], Entry(embedding[i])))
            {
                throw new InvalidDataException(
                    $"{Path}: {_file[head[i]]} differs from the embedding, but its {ModelFolder.ConfigFile} ties the two");
            }
        }
        return head;
    }

    /// <summary>In pieces. Where both names share a storage the pieces are the same memory, which costs nothing to compare.</summary>
    private bool HaveEqualBytes(TensorEntry a, TensorEntry b)
    {
        if (a.DType != b.DType || !a.Shape.AsSpan().SequenceEqual(b.Shape))
            return false;
        for (long start = 0; start < a.ByteLength; start += CodesPerPiece)
        {
            int length = (int)Math.Min(CodesPerPiece, a.ByteLength - start);
            using IMemoryOwner<byte> pieceOfA = _file.Slice(a, start, length), pieceOfB = _file.Slice(b, start, length);
            if (!pieceOfA.Memory.Span.SequenceEqual(pieceOfB.Memory.Span))
                return false;
        }
        return true;
    }

    /// <summary>A tensor that no layer asks for means that config and weights are of different models.</summary>
    private void RefuseUnknown(string[] head)
    {
        HashSet<string> known = new(_entries.Values.Concat(_trainingOnly.Values).Select(entry => entry.Name).Concat(head), StringComparer.Ordinal);
        foreach (TensorEntry entry in _file.Entries)
        {
            if (!known.Contains(entry.Name))
                throw new InvalidDataException($"{Path}: {entry} is not of the model that its {ModelFolder.ConfigFile} describes");
        }
    }

    private void ReadCodes(string name, TensorEntry entry, Span<float> destination)
    {
        if (entry.ElementCount != destination.Length)
            throw new InvalidDataException($"{Path}: {entry} has {entry.ElementCount} values, the destination {destination.Length}");

        float[] scales = _file.ReadFloats(Entry(CheckpointNames.ScaleOf(name)).Name);
        int columns = (int)entry.Shape[1];
        int rowsPerPiece = Math.Max(1, CodesPerPiece / columns);
        for (int row = 0; row < scales.Length; row += rowsPerPiece)
        {
            int rows = Math.Min(rowsPerPiece, scales.Length - row);
            using IMemoryOwner<byte> codes = _file.Slice(entry, (long)row * columns, rows * columns);
            for (int r = 0; r < rows; r++)
            {
                Span<float> target = destination.Slice((row + r) * columns, columns);
                Decode(entry, codes.Memory.Span.Slice(r * columns, columns), scales[row + r], target);
            }
        }
    }

    private void Decode(TensorEntry entry, ReadOnlySpan<byte> codes, float scale, Span<float> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            sbyte code = (sbyte)codes[i];
            if (code == sbyte.MinValue)
                throw new InvalidDataException($"{Path}: {entry} has the code -128, codes go from -127 to 127");
            row[i] = code * scale;
        }
    }
}
