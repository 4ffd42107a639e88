using System.Runtime.InteropServices;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>Collects a state: numbers and texts at once, tensors as what will be written when their turn comes.</summary>
internal sealed class StateWriter : IStateVisitor
{
    /// <summary>Numbers and texts.</summary>
    public StateNumbers Numbers { get; } = new();

    /// <summary>Tensors.</summary>
    public List<TensorContent> Tensors { get; } = [];

    public void Number(string name, ref long value) => Numbers.Counts.Add(name, value);

    public void Number(string name, ref ulong value) => Numbers.Seeds.Add(name, value);

    public void Number(string name, ref double value) => Numbers.Reals.Add(name, value);

    public void Text(string name, ref string value) => Numbers.Texts.Add(name, value);

    public void Same(string name, string value) => Numbers.Texts.Add(name, value);

    public void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values)
    {
        Require(name, shape, values.Length);
        Tensors.Add(TensorContent.Of(name, shape.ToArray(), values));
    }

    public void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes)
    {
        Require(name, shape, codes.Length);
        Tensors.Add(new TensorContent(name, TensorDType.BF16, shape.ToArray(), stream => stream.Write(MemoryMarshal.AsBytes(codes.Span))));
    }

    public IStateVisitor In(string prefix) => new PrefixedVisitor(this, prefix);

    private static void Require(string name, ReadOnlySpan<int> shape, int length)
    {
        if (new Shape(shape).Count != length)
            throw new ArgumentException($"'{name}' [{string.Join(", ", shape.ToArray())}] got {length} values", nameof(shape));
    }
}
