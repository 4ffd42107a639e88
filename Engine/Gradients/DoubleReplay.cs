namespace SpikeEngine;

/// <summary>
/// A recorded forward pass, again in double: first with the values it had, then with one of them moved, when only what
/// depends on it is computed again.
/// </summary>
internal sealed class DoubleReplay
{
    private readonly IReadOnlyList<TapeNode> _nodes;
    private readonly bool _surrogates;
    private readonly Dictionary<Tensor, double[]> _values = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Tensor, double[]> _moved = new(ReferenceEqualityComparer.Instance);

    /// <summary>Runs the tape's operations with the values that its tensors have.</summary>
    /// <param name="tape">A tape that keeps double forms.</param>
    /// <param name="surrogates">Whether declared gradients are represented by their primitives.</param>
    public DoubleReplay(Tape tape, bool surrogates)
    {
        _nodes = tape.Nodes;
        _surrogates = surrogates;
        foreach (TapeNode node in _nodes)
            _values[node.Y] = Run(node);
    }

    /// <summary>Values of a tensor, as of the last <see cref="Move"/>.</summary>
    public double[] this[Tensor tensor]
    {
        get
        {
            (Tensor root, int offset) = tensor.Root;
            if (!_moved.TryGetValue(root, out double[]? values) && !_values.TryGetValue(root, out values))
                _values[root] = values = root.InDouble();
            return offset == 0 && values.Length == tensor.Count ? values : values[offset..(offset + tensor.Count)];
        }
    }

    /// <summary>Puts one element at another value and computes again what depends on it.</summary>
    public void Move(Tensor tensor, int index, double value)
    {
        _moved.Clear();
        (Tensor root, int offset) = tensor.Root;
        double[] values = [.. this[root]];
        values[offset + index] = value;
        _moved[root] = values;
        foreach (TapeNode node in _nodes)
        {
            if (Array.Exists(node.Inputs, input => _moved.ContainsKey(input.Root.Root)))
                _moved[node.Y] = Run(node);
        }
    }

    private double[] Run(TapeNode node)
    {
        double[] y = node.InDouble(Array.ConvertAll(node.Inputs, input => this[input]), _surrogates);
        return y.Length == node.Y.Count
            ? y
            : throw new InvalidOperationException($"The double form of {node.Op} gives {y.Length} values; the result is {node.Y.Shape}.");
    }
}
