using System.Buffers.Binary;
using System.Text;

namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>
/// Reads the one pickle that a state dict is. A pickle is a program for a small stack machine, and Python's machine can be
/// told to call anything; this one has no way to call, builds only its own few records, and refuses every name and opcode
/// beyond those a state dict needs.
/// </summary>
/// <remarks>
/// No opcode recurses, and shared objects stay shared, so nesting costs nothing. What is built follows the length of the
/// pickle, which is bounded, as are the stack and the number of opcodes.
/// </remarks>
internal ref struct PickleReader
{
    /// <summary>Each tensor of a state dict takes some 40 opcodes: enough for 100,000 of them.</summary>
    private const int MaxOps = 4_000_000;

    /// <summary>Python puts at most 1000 pairs on the stack before it adds them to their dict.</summary>
    private const int MaxStack = 1 << 14;

    /// <summary>A tensor's arguments are 3 marks deep.</summary>
    private const int MaxMarks = 64;

    private const int HighestProtocol = 5;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _source;
    private readonly Stack<object?> _stack = new();
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private ReadOnlySpan<byte> _rest;

    private PickleReader(string source, ReadOnlySpan<byte> pickle)
    {
        _source = source;
        _rest = pickle;
    }

    /// <summary>Runs the pickle and returns what it leaves.</summary>
    /// <param name="source">The file and the record, with which messages begin.</param>
    /// <param name="pickle">The bytes.</param>
    public static object? Read(string source, ReadOnlySpan<byte> pickle) => new PickleReader(source, pickle).Run();

    private object? Run()
    {
        for (int ops = 0; ops < MaxOps; ops++)
        {
            byte op = Take(1)[0];
            if (op == (byte)'.')
            {
                return _stack.Count == 1 && _marks.Count == 0
                    ? _stack.Pop()
                    : throw Broken($"the pickle ends with {_stack.Count} values on its stack, not 1");
            }

            Step(op);
            if (_stack.Count > MaxStack || _marks.Count > MaxMarks)
                throw Broken("the pickle is nested deeper than any state dict");
        }
        throw Broken($"the pickle has more than {MaxOps} opcodes");
    }

    private void Step(byte op)
    {
        switch (op)
        {
            case 0x80: // PROTO
                if (Take(1)[0] is var protocol and > HighestProtocol)
                    throw Broken($"pickle protocol {protocol} is unknown, the highest is {HighestProtocol}");
                break;
            case 0x95: // FRAME: only a hint for buffered reading
                TakeLength(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), peek: true);
                break;
            case (byte)'(':
                _marks.Push(_stack.Count);
                break;
            case (byte)'0': // POP
                Pop();
                break;
            case (byte)'1': // POP_MARK
                PopToMark();
                break;
            default:
                if (!StepConstant(op) && !StepContainer(op) && !StepMemo(op))
                    StepObject(op);
                break;
        }
    }

    private readonly bool Push(object? value)
    {
        _stack.Push(value);
        return true;
    }

    private bool StepConstant(byte op) => op switch
    {
        (byte)'N' => Push(null),
        0x88 => Push(true),
        0x89 => Push(false),
        (byte)'K' => Push((long)Take(1)[0]),
        (byte)'M' => Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))),
        (byte)'J' => Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))),
        0x8a => Push(LongInteger(Take(Take(1)[0]))),
        (byte)'G' => Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))),
        0x8c => Push(Text(Take(1)[0])),
        (byte)'X' => Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))),
        0x8d => Push(Text(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))),
        _ => false,
    };

    private bool StepContainer(byte op)
    {
        switch (op)
        {
            case (byte)')':
                return Push(new PickleTuple([]));
            case (byte)'t':
                return Push(new PickleTuple(PopToMark()));
            case 0x85:
                return Push(new PickleTuple([Pop()]));
            case 0x86:
                return Push(new PickleTuple(PopMany(2)));
            case 0x87:
                return Push(new PickleTuple(PopMany(3)));
            case (byte)']':
                return Push(new PickleList());
            case (byte)'a': // APPEND
                Pop();
                Top<PickleList>("APPEND");
                return true;
            case (byte)'e': // APPENDS
                PopToMark();
                Top<PickleList>("APPENDS");
                return true;
            case (byte)'}':
                return Push(new PickleDict(ordered: false));
            case (byte)'s': // SETITEM
                AddItems(PopMany(2));
                return true;
            case (byte)'u': // SETITEMS
                AddItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool StepMemo(byte op)
    {
        switch (op)
        {
            case (byte)'q':
                return Put(Take(1)[0]);
            case (byte)'r':
                return Put(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case 0x94: // MEMOIZE
                return Put((uint)_memo.Count);
            case (byte)'h':
                return Push(Get(Take(1)[0]));
            case (byte)'j':
                return Push(Get(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
            default:
                return false;
        }
    }

    private void StepObject(byte op)
    {
        switch (op)
        {
            case (byte)'c': // GLOBAL
                string module = Line();
                Push(Global(module, Line()));
                break;
            case 0x93: // STACK_GLOBAL
                string name = Pop<string>("the name of a global");
                Push(Global(Pop<string>("the module of a global"), name));
                break;
            case (byte)'Q':
                Push(Storage(Pop<PickleTuple>("a persistent id").Items));
                break;
            case (byte)'R':
                object?[] arguments = Pop<PickleTuple>("the arguments of REDUCE").Items;
                Push(Reduce(Pop<PickleGlobal>("what REDUCE calls"), arguments));
                break;
            case (byte)'b':
                Build();
                break;
            default:
                throw Broken(OpcodeOffence(op));
        }
    }

    private static string OpcodeOffence(byte op) => op switch
    {
        (byte)'i' or (byte)'o' or 0x81 or 0x92 =>
            $"opcode 0x{op:x2} creates an object of any class, which a state dict does not need; nothing was run",
        0x82 or 0x83 or 0x84 => $"opcode 0x{op:x2} names an extension, which a state dict does not need; nothing was run",
        _ => $"opcode 0x{op:x2} is unknown or not needed for a state dict",
    };

    private readonly PickleGlobal Global(string module, string name)
    {
        string full = $"{module}.{name}";
        return full switch
        {
            "collections.OrderedDict" => new OrderedDictGlobal(full),
            "torch._utils._rebuild_tensor_v2" => new RebuildTensorGlobal(full),
            "torch._utils._rebuild_parameter" => new RebuildParameterGlobal(full),
            "torch.DoubleStorage" => new StorageGlobal(full, TensorDType.F64),
            "torch.FloatStorage" => new StorageGlobal(full, TensorDType.F32),
            "torch.HalfStorage" => new StorageGlobal(full, TensorDType.F16),
            "torch.BFloat16Storage" => new StorageGlobal(full, TensorDType.BF16),
            "torch.LongStorage" => new StorageGlobal(full, TensorDType.I64),
            "torch.IntStorage" => new StorageGlobal(full, TensorDType.I32),
            "torch.ShortStorage" => new StorageGlobal(full, TensorDType.I16),
            "torch.CharStorage" => new StorageGlobal(full, TensorDType.I8),
            "torch.ByteStorage" => new StorageGlobal(full, TensorDType.U8),
            "torch.BoolStorage" => new StorageGlobal(full, TensorDType.Bool),
            "torch.ComplexFloatStorage" or "torch.ComplexDoubleStorage" =>
                throw Broken($"'{full}' holds complex numbers, which are not supported"),
            _ => throw Broken($"it names '{MessageText.Shorten(full)}', which a state dict does not need; nothing was run"),
        };
    }

    private readonly PickleStorage Storage(object?[] id) =>
        id is ["storage", StorageGlobal type, string key, string or null, long count]
            ? new PickleStorage(type.DType, key, count)
            : throw Broken("a persistent id is not ('storage', type, key, location, count)");

    private readonly object Reduce(PickleGlobal callee, object?[] arguments) => (callee, arguments) switch
    {
        (OrderedDictGlobal, []) => new PickleDict(ordered: true),
        (RebuildTensorGlobal, [PickleStorage storage, long offset, PickleTuple shape, PickleTuple strides, bool, PickleDict or null]) =>
            new PickleTensor(storage, offset, Integers(shape), Integers(strides)),
        (RebuildParameterGlobal, [PickleTensor tensor, bool, PickleDict or null]) => tensor,
        _ => throw Broken($"'{callee.Name}' is given arguments that no state dict gives it"),
    };

    private readonly long[] Integers(PickleTuple tuple)
    {
        long[] values = new long[tuple.Items.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = tuple.Items[i] is long value ? value : throw Broken("a size or a stride of a tensor is not a 64-bit integer");
        return values;
    }

    /// <summary>A module's state dict carries version numbers as an attribute; they are of no use here. Nothing else is allowed.</summary>
    private readonly void Build()
    {
        PickleDict attributes = Pop<PickleDict>("the attributes of BUILD");
        if (!Top<PickleDict>("BUILD").IsOrdered || attributes.Items.Any(item => item.Key is not "_metadata"))
            throw Broken("BUILD sets attributes that a state dict does not have; nothing was run");
    }

    private readonly void AddItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Broken("a dict is given a key without a value");
        PickleDict dict = Top<PickleDict>("SETITEMS");
        for (int i = 0; i < items.Length; i += 2)
            dict.Add(items[i], items[i + 1]);
    }

    private readonly bool Put(uint index)
    {
        RequireValues(1);
        _memo[index] = _stack.Peek();
        return true;
    }

    private readonly object? Get(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Broken($"memo {index} was never written");

    /// <summary>What lies below the last mark is out of reach until the mark is taken away.</summary>
    private readonly void RequireValues(int count)
    {
        int floor = _marks.Count > 0 ? _marks.Peek() : 0;
        if (_stack.Count - floor < count)
            throw Broken("the pickle takes a value from an empty stack");
    }

    private readonly object? Pop()
    {
        RequireValues(1);
        return _stack.Pop();
    }

    private readonly T Pop<T>(string role) => Pop() is T value ? value : throw Broken($"{role} is not of the kind it must be");

    private readonly T Top<T>(string role)
    {
        RequireValues(1);
        return _stack.Peek() is T value ? value : throw Broken($"{role} is applied to a value of another kind");
    }

    private readonly object?[] PopMany(int count)
    {
        RequireValues(count);
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            values[i] = _stack.Pop();
        return values;
    }

    private readonly object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Broken("the pickle takes a mark that was never set");
        object?[] values = PopMany(_stack.Count - _marks.Peek());
        _marks.Pop();
        return values;
    }

    private ReadOnlySpan<byte> Take(int length) => TakeLength((ulong)length, peek: false);

    /// <summary>A claimed length is held against what is left before anything is done with it.</summary>
    private ReadOnlySpan<byte> TakeLength(ulong length, bool peek)
    {
        if (length > (ulong)_rest.Length)
            throw Broken($"the pickle claims {length} more bytes and has {_rest.Length}; was it cut short?");
        ReadOnlySpan<byte> taken = _rest[..(int)length];
        if (!peek)
            _rest = _rest[(int)length..];
        return taken;
    }

    private string Text(ulong length)
    {
        try
        {
            return s_strictUtf8.GetString(TakeLength(length, peek: false));
        }
        catch (ArgumentException)
        {
            throw Broken("a text in the pickle is not UTF-8");
        }
    }

    private string Line()
    {
        int length = _rest.IndexOf((byte)'\n');
        if (length < 0)
            throw Broken("a name in the pickle has no end");
        string line = Text((ulong)length);
        Take(1);
        return line;
    }

    /// <summary>Little-endian two's complement of any length.</summary>
    private static object LongInteger(ReadOnlySpan<byte> bytes)
    {
        byte sign = bytes.Length > 0 && bytes[^1] >= 0x80 ? (byte)0xFF : (byte)0;
        ReadOnlySpan<byte> digits = bytes.TrimEnd(sign);
        bool fits = digits.Length < sizeof(long) || (digits.Length == sizeof(long) && (digits[^1] >= 0x80) == (sign != 0));
        if (!fits)
            return new PickleLargeInteger();

        Span<byte> padded = stackalloc byte[sizeof(long)];
        padded.Fill(sign);
        digits.CopyTo(padded);
        return BinaryPrimitives.ReadInt64LittleEndian(padded);
    }

    private readonly InvalidDataException Broken(string offence) => new($"{_source}: {offence}");
}
