using System.Runtime.InteropServices;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>Puts a state back. What was saved and what is asked for must be the same, name by name and shape by shape.</summary>
/// <param name="path">The checkpoint, for messages.</param>
/// <param name="numbers">Numbers and texts; those asked for are taken out.</param>
/// <param name="tensors">Tensors.</param>
internal sealed class StateReader(string path, StateNumbers numbers, SafetensorsFile tensors) : IStateVisitor
{
    private readonly HashSet<string> _unread = [.. tensors.Entries.Select(entry => entry.Name)];

    public void Number(string name, ref long value) => value = Take(numbers.Counts, name);

    public void Number(string name, ref ulong value) => value = Take(numbers.Seeds, name);

    public void Number(string name, ref double value) => value = Take(numbers.Reals, name);

    public void Text(string name, ref string value) => value = Take(numbers.Texts, name);

    public void Same(string name, string value)
    {
        string saved = Take(numbers.Texts, name);
        if (saved != value)
            throw new InvalidDataException($"{path}: {name} is '{saved}' in the checkpoint and '{value}' now; a run cannot be resumed with another one");
    }

    public void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values)
    {
        Find(name, TensorDType.F32, shape);
        tensors.ReadFloats(name, values.Span);
    }

    public void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes)
    {
        Find(name, TensorDType.BF16, shape);
        tensors.ReadBytes(name, MemoryMarshal.AsBytes(codes.Span));
    }

    public IStateVisitor In(string prefix) => new PrefixedVisitor(this, prefix);

    /// <summary>Refuses a checkpoint that holds more than was asked for: it is of a run with other parts.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public void RequireAllRead()
    {
        if (numbers.Names.Concat(_unread.Order(StringComparer.Ordinal)).FirstOrDefault() is { } name)
            throw new InvalidDataException($"{path}: the checkpoint has '{name}', which this run does not");
    }

    private T Take<T>(IDictionary<string, T> values, string name)
    {
        if (!values.TryGetValue(name, out T? value))
            throw Missing(name);
        values.Remove(name);
        return value;
    }

    private void Find(string name, TensorDType dtype, ReadOnlySpan<int> shape)
    {
        if (!tensors.Contains(name))
            throw Missing(name);
        TensorEntry entry = tensors[name];
        if (entry.DType != dtype || !entry.HasShape(shape))
            throw new InvalidDataException($"{path}: {entry} is {dtype} [{string.Join(", ", shape.ToArray())}] in this run");
        _unread.Remove(name);
    }

    private InvalidDataException Missing(string name) => new($"{path}: the checkpoint does not have '{name}', which this run needs");
}
