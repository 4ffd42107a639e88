namespace SpikeEngine;

/// <summary>One recorded operation.</summary>
internal abstract class TapeNode
{
    /// <summary>The result.</summary>
    public Tensor Y { get; private protected set; } = null!;

    /// <summary>Name of the operation.</summary>
    public string Op { get; private protected set; } = "";

    /// <summary>What the operation depends on; empty unless somebody asked to keep it.</summary>
    public Tensor[] Inputs { get; private protected set; } = [];

    /// <summary>Whether it kept its inputs.</summary>
    public bool KeepsInputs { get; private protected set; }

    /// <summary>Path of the module in which the operation ran; only kept with the inputs.</summary>
    public string ModulePath { get; private protected set; } = "";

    /// <summary>What the forward pass cost, when a profiler was on.</summary>
    public OpCost Cost { get; set; }

    /// <summary>Whether the operation can be run in double.</summary>
    public abstract bool HasDoubleForm { get; }

    /// <summary>Adds to the gradients of the inputs.</summary>
    public abstract void Backward();

    /// <summary>The operation in double, or the primitive of its declared gradient if it has one and it is asked for.</summary>
    public abstract double[] InDouble(double[][] inputs, bool surrogates);

    /// <summary>Forgets everything and waits for the next use.</summary>
    public abstract void Return();
}

/// <summary>One recorded operation, with what it saved. Nodes of one type are used again, so that a step allocates none.</summary>
internal sealed class TapeNode<TSaved> : TapeNode
{
    [ThreadStatic]
    private static Stack<TapeNode<TSaved>>? t_spare;

    private TSaved _saved = default!;
    private Action<TSaved, Tensor> _backward = null!;
    private DoubleForm<TSaved>? _inDouble;
    private DoubleForm<TSaved>? _surrogate;

    /// <inheritdoc/>
    public override bool HasDoubleForm => _inDouble is not null;

    /// <summary>A node, new or used.</summary>
    public static TapeNode<TSaved> Rent(Tensor y, TSaved saved, Action<TSaved, Tensor> backward, string op)
    {
        TapeNode<TSaved> node = t_spare is { Count: > 0 } spare ? spare.Pop() : new TapeNode<TSaved>();
        (node.Y, node._saved, node._backward, node.Op) = (y, saved, backward, op);
        return node;
    }

    /// <summary>Keeps what a check wants to see later.</summary>
    public void Keep(ReadOnlySpan<Tensor> inputs, DoubleForm<TSaved>? inDouble, DoubleForm<TSaved>? surrogate)
    {
        Inputs = inputs.ToArray();
        (KeepsInputs, ModulePath) = (true, Module.CurrentPath);
        (_inDouble, _surrogate) = (inDouble, surrogate);
    }

    /// <inheritdoc/>
    public override void Backward() => _backward(_saved, Y);

    /// <inheritdoc/>
    public override double[] InDouble(double[][] inputs, bool surrogates) =>
        surrogates && _surrogate is { } primitive ? primitive(_saved, inputs) : _inDouble!(_saved, inputs);

    /// <inheritdoc/>
    public override void Return()
    {
        (Y, _saved, _backward, _inDouble, _surrogate, Inputs, KeepsInputs, Cost) = (null!, default!, null!, null, null, [], false, default);
        (t_spare ??= new Stack<TapeNode<TSaved>>()).Push(this);
    }
}
