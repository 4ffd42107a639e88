namespace SpikeEngine.Benchmarks.Operations;

/// <summary>One operation on inputs of one size.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Shapes">Shapes of its inputs, all of which want gradients.</param>
internal sealed record OpCase(string Name, Func<Tensor[], Tensor> Operation, params int[][] Shapes)
{
    private readonly Workspace _workspace = new();
    private Tensor[]? _inputs;

    /// <summary>The shapes as text.</summary>
    public string Sizes => string.Join(" ", Shapes.Select(shape => string.Join("x", shape)));

    /// <summary>Forward and backward, once.</summary>
    public void Run()
    {
        _inputs ??= [.. Shapes.Select(Random)];
        using Workspace.Scope scope = _workspace.Open();
        using Tape tape = Tape.Begin();
        Tensor y = Operation(_inputs);
        if (!y.NeedsGrad)
            return;
        y.Grad.Fill(1f);
        tape.Replay();
    }

    private static Tensor Random(int[] shape)
    {
        SeededRandom random = new(1, string.Join("x", shape));
        Tensor tensor = new(shape) { NeedsGrad = true };
        foreach (ref float value in tensor.Values)
            value = 0.1f + random.NextFloat();
        return tensor;
    }
}
