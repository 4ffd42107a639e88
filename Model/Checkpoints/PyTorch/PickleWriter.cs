using System.Text;

namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>
/// Writes the pickle of a state dict, in protocol 2, as <c>torch.save</c> does. Nothing is memoised: what is there twice is written twice,
/// and tensors share a storage by its key.
/// </summary>
internal sealed class PickleWriter : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    /// <summary>Begins a state dict.</summary>
    public PickleWriter()
    {
        _writer = new BinaryWriter(_bytes, Encoding.UTF8);
        _writer.Write([0x80, 2]);   // PROTO
        EmptyOrderedDict();
    }

    /// <summary>Adds a tensor that is the whole of a storage.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="key">The name of the record with its values.</param>
    /// <param name="storage">What PyTorch calls the type of the storage.</param>
    /// <param name="shape">Its sizes, slowest axis first.</param>
    public void Tensor(string name, string key, string storage, ReadOnlySpan<int> shape)
    {
        long[] strides = new long[shape.Length];
        long count = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = count;
            count *= shape[axis];
        }

        Text(name);
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(');
        Storage(key, storage, count);
        Integer(0);                 // offset
        Op('(');
        foreach (int size in shape)
            Integer(size);
        Op('t');
        Op('(');
        foreach (long stride in strides)
            Integer(stride);
        Op('t');
        _writer.Write((byte)0x89);  // NEWFALSE: it asks for no gradient
        EmptyOrderedDict();         // hooks
        Op('t');
        Op('R');
        Op('s');                    // SETITEM
    }

    /// <summary>Ends the state dict.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        Op('.');
        return _bytes.ToArray();
    }

    public void Dispose() => _writer.Dispose();

    private void Storage(string key, string storage, long count)
    {
        Op('(');
        Text("storage");
        Global("torch", storage);
        Text(key);
        Text("cpu");
        Integer(count);
        Op('t');
        Op('Q');                    // BINPERSID
    }

    private void EmptyOrderedDict()
    {
        Global("collections", "OrderedDict");
        Op(')');
        Op('R');
    }

    private void Global(string module, string name)
    {
        Op('c');
        _writer.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Op('X');
        _writer.Write(bytes.Length);
        _writer.Write(bytes);
    }

    private void Integer(long value)
    {
        if (value <= int.MaxValue)
        {
            Op('J');
            _writer.Write((int)value);
            return;
        }

        _writer.Write([0x8a, sizeof(long)]);   // LONG1
        _writer.Write(value);
    }

    private void Op(char code) => _writer.Write((byte)code);
}
