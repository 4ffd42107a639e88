using System.Buffers;
using SpikeEngine.Model.Checkpoints.PyTorch;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A state dict as <c>torch.save</c> writes it since 1.6: a zip file of a pickle and one record per storage. Nothing in the
/// file is ever executed, and the values are used where they are mapped.
/// </summary>
public sealed class PyTorchFile : TensorFile
{
    private readonly FileMapping _file;

    private PyTorchFile(string path, FileMapping file, IReadOnlyList<TensorEntry> entries)
        : base(path, entries) => _file = file;

    /// <summary>Opens a file and checks its directory, its pickle and where each tensor lies. The values are not read.</summary>
    public static PyTorchFile Open(string path)
    {
        var file = FileMapping.Open(path);
        try
        {
            RequireZip(path, file);
            return new PyTorchFile(path, file, StateDict.Read(path, file, ZipIndex.Read(path, file)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal override IMemoryOwner<byte> Slice(TensorEntry entry, long start, int length)
    {
        if (entry.Strides is not long[] strides)
            return _file.Slice(entry.Begin + start, length);

        int size = entry.DType.Size();
        Int128 extent = size * StateDict.Extent(entry.Shape, strides);
        if (extent > Array.MaxLength)
        {
            throw new InvalidDataException($"{Path}: {entry} is a view over {extent} bytes whose values do not lie together; "
                + $"at most {Array.MaxLength} are read, write it as contiguous() in Python");
        }

        byte[] values = new byte[length];
        using IMemoryOwner<byte> view = _file.Slice(entry.Begin, (int)extent);
        StridedGather.Run(view.Memory.Span, size, entry.Shape, strides, start / size, values);
        return new ArrayOwner(values);
    }

    private protected override void Dispose(bool disposing) => _file.Dispose();

    private static void RequireZip(string path, FileMapping file)
    {
        byte[] start = file.Copy(0, (int)Math.Min(file.Length, 4));
        if (start.AsSpan().StartsWith("PK"u8))
            return;
        // PROTO, with which every pickle since 2003 begins.
        if (start is [0x80, <= 5, ..])
        {
            throw new InvalidDataException($"{path}: this is the format of PyTorch before 1.6, not a zip file; "
                + "load it in Python and write it again with torch.save, or as safetensors");
        }
        throw new InvalidDataException($"{path}: this is not a zip file, as PyTorch writes{FileDisguise.Of(file)}");
    }
}
