namespace SpikeEngine.Training.Checkpoints;

/// <summary>Hands everything on under longer names.</summary>
internal sealed class PrefixedVisitor(IStateVisitor inner, string prefix) : IStateVisitor
{
    public void Number(string name, ref long value) => inner.Number(Full(name), ref value);

    public void Number(string name, ref ulong value) => inner.Number(Full(name), ref value);

    public void Number(string name, ref double value) => inner.Number(Full(name), ref value);

    public void Text(string name, ref string value) => inner.Text(Full(name), ref value);

    public void Same(string name, string value) => inner.Same(Full(name), value);

    public void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values) => inner.Floats(Full(name), shape, values);

    public void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes) => inner.Halves(Full(name), shape, codes);

    public IStateVisitor In(string inside) => new PrefixedVisitor(inner, Full(inside));

    private string Full(string name) => $"{prefix}.{name}";
}
