namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>The few things that a state dict names. Each is only a mark for this reader: nothing behind the name is ever run.</summary>
internal abstract record PickleGlobal(string Name);

/// <summary>collections.OrderedDict</summary>
internal sealed record OrderedDictGlobal(string Name) : PickleGlobal(Name);

/// <summary>torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)</summary>
internal sealed record RebuildTensorGlobal(string Name) : PickleGlobal(Name);

/// <summary>torch._utils._rebuild_parameter(tensor, requires_grad, backward_hooks)</summary>
internal sealed record RebuildParameterGlobal(string Name) : PickleGlobal(Name);

/// <summary>torch.FloatStorage and its kin: a type of values.</summary>
internal sealed record StorageGlobal(string Name, TensorDType DType) : PickleGlobal(Name);

/// <summary>A record of values: ('storage', type, key, location, numel).</summary>
internal sealed record PickleStorage(TensorDType DType, string Key, long Count);

/// <summary>A view of a storage. Its claims are not yet checked.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A whole number beyond 64 bits. Nothing here needs its value.</summary>
internal sealed record PickleLargeInteger;

/// <summary>A tuple.</summary>
internal sealed class PickleTuple(object?[] items)
{
    public object?[] Items => items;
}

/// <summary>A list. What it holds is of no use here, so it is not kept.</summary>
internal sealed class PickleList;

/// <summary>A dict, or an OrderedDict, as the pairs that were put in.</summary>
internal sealed class PickleDict(bool ordered)
{
    private List<(object? Key, object? Value)>? _items;

    public bool IsOrdered => ordered;

    public IReadOnlyList<(object? Key, object? Value)> Items => _items ?? [];

    public void Add(object? key, object? value) => (_items ??= []).Add((key, value));
}
