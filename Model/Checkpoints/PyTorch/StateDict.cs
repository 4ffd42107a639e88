using System.Buffers;
using System.Text;

namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>Turns what the pickle says into tensors whose place in the file is checked.</summary>
internal sealed class StateDict
{
    private const string PickleName = "/data.pkl";

    /// <summary>Far more than the names and sizes of any model take.</summary>
    private const long MaxPickleLength = 64 << 20;

    /// <summary>PyTorch's own limit.</summary>
    private const int MaxRank = 64;

    private readonly string _path;
    private readonly FileMapping _file;
    private readonly ZipIndex _zip;
    private readonly string _root;

    private StateDict(string path, FileMapping file, ZipIndex zip)
    {
        (_path, _file, _zip) = (path, file, zip);
        string[] pickles = [.. zip.Records.Keys.Where(name => name.EndsWith(PickleName, StringComparison.Ordinal))];
        _root = pickles.Length == 1
            ? pickles[0][..^PickleName.Length]
            : throw new InvalidDataException($"{path}: the zip file has {pickles.Length} records data.pkl, a PyTorch file has one");
    }

    public static IReadOnlyList<TensorEntry> Read(string path, FileMapping file, ZipIndex zip)
    {
        StateDict dict = new(path, file, zip);
        dict.RequireLittleEndian();
        return dict.ReadEntries();
    }

    /// <summary>Values from the first to the last of a view, both included; the view is not empty.</summary>
    public static Int128 Extent(long[] shape, long[] strides)
    {
        Int128 last = 0;
        for (int axis = 0; axis < shape.Length; axis++)
            last += (Int128)(shape[axis] - 1) * strides[axis];
        return last + 1;
    }

    private void RequireLittleEndian()
    {
        if (!_zip.Records.TryGetValue($"{_root}/byteorder", out ZipRecord? record))
            return; // Before 2.1 the order was not written, and was little-endian wherever it mattered.
        string order = Encoding.ASCII.GetString(_file.Copy(record.Start, (int)Math.Min(record.Length, 16)));
        if (order != "little")
        {
            throw new InvalidDataException($"{_path}: record '{record.Name}' says '{order}'; only little-endian values are read: "
                + "load it in Python and write it again as safetensors");
        }
    }

    private List<TensorEntry> ReadEntries()
    {
        ZipRecord record = _zip.Records[_root + PickleName];
        string source = $"{_path}: record '{record.Name}'";
        if (record.Length > MaxPickleLength)
            throw new InvalidDataException($"{source}: {record.Length} bytes are too many for a list of tensors");

        using IMemoryOwner<byte> pickle = _file.Slice(record.Start, (int)record.Length);
        if (PickleReader.Read(source, pickle.Memory.Span) is not PickleDict dict)
            throw new InvalidDataException($"{source}: the object is not a dict of tensors");

        List<TensorEntry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((object? key, object? value) in dict.Items)
        {
            if (key is not string name)
                throw new InvalidDataException($"{source}: a key of the dict is not a name");
            if (!names.Add(name))
                throw Broken(name, "is there twice");
            entries.Add(value is PickleTensor tensor ? Entry(name, tensor) : throw Broken(name, "is not a tensor: this is a checkpoint of "
                + "training, not a flat state dict; in Python write the model's state_dict() alone"));
        }
        return entries;
    }

    private TensorEntry Entry(string name, PickleTensor tensor)
    {
        long[] shape = tensor.Shape, strides = tensor.Strides;
        if (shape.Length != strides.Length)
            throw Broken(name, $"has {shape.Length} sizes and {strides.Length} strides");
        if (shape.Length > MaxRank)
            throw Broken(name, $"has {shape.Length} axes, at most {MaxRank} are possible");
        if (tensor.Offset < 0 || shape.Any(size => size < 0) || strides.Any(stride => stride < 0))
            throw Broken(name, "has a negative size, stride or offset");

        ZipRecord record = Record(name, tensor.Storage);
        long count = Count(name, shape, tensor.Storage.DType);
        if (count > 0 && tensor.Offset + Extent(shape, strides) > tensor.Storage.Count)
            throw Broken(name, $"reaches beyond the {tensor.Storage.Count} values of its storage '{record.Name}'");

        int size = tensor.Storage.DType.Size();
        long begin = count > 0 ? record.Start + tensor.Offset * size : record.Start;
        bool together = count == 0 || LieTogether(shape, strides);
        return new TensorEntry(name, tensor.Storage.DType, shape, begin, begin + count * size, together ? null : strides);
    }

    /// <summary>The key is a plain name beside the pickle, never a path.</summary>
    private ZipRecord Record(string name, PickleStorage storage)
    {
        if (storage.Key.AsSpan().ContainsAny('/', '\\') || storage.Key.Length == 0)
            throw Broken(name, $"has a storage called '{MessageText.Shorten(storage.Key)}', which is not a plain name");
        if (!_zip.Records.TryGetValue($"{_root}/data/{storage.Key}", out ZipRecord? record))
            throw Broken(name, $"needs the record '{MessageText.Shorten($"{_root}/data/{storage.Key}")}', which is not in the file");
        if (storage.Count < 0 || (Int128)storage.Count * storage.DType.Size() > record.Length)
        {
            throw Broken(name, $"has a storage of {storage.Count} values {storage.DType}, "
                + $"its record '{MessageText.Shorten(record.Name)}' has {record.Length} bytes");
        }
        return record;
    }

    /// <summary>
    /// Strides of 0 repeat values for nothing, so a few bytes can claim to be any size; a tensor larger than its file is refused.
    /// </summary>
    private long Count(string name, long[] shape, TensorDType dtype)
    {
        if (shape.Contains(0))
            return 0;
        Int128 count = 1;
        foreach (long size in shape)
        {
            count *= size;
            if (count * dtype.Size() > _file.Length)
                throw Broken(name, $"[{string.Join(", ", shape)}] is larger than the whole file");
        }
        return (long)count;
    }

    /// <summary>Whether the strides are those of row-major order. An axis of one index has no say.</summary>
    private static bool LieTogether(long[] shape, long[] strides)
    {
        long expected = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != expected)
                return false;
            expected *= shape[axis];
        }
        return true;
    }

    private InvalidDataException Broken(string name, string offence) =>
        new($"{_path}: tensor '{MessageText.Shorten(name)}' {offence}");
}
