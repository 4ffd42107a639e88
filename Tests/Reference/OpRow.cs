namespace SpikeEngine.Tests.Reference;

/// <summary>One operation as the tests of all operations run it.</summary>
/// <param name="Name">The method of <see cref="Ops"/>, with a remark behind a space when there are several rows.</param>
/// <param name="Operation">The operation on its inputs.</param>
/// <param name="Small">Shapes of the inputs for gradient checks.</param>
/// <param name="Large">Shapes of the inputs when threads shall have something to share: over 16,384 elements.</param>
public sealed record OpRow(string Name, Func<Tensor[], Tensor> Operation, int[][] Small, int[][] Large)
{
    /// <summary>Inputs that get no gradient, as a teacher's logits.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>Brings the normal numbers of an input into the domain of the operation: the input's number, its values.</summary>
    public Action<int, Memory<float>>? Adjust { get; init; }

    /// <summary>Tolerance of the gradient check.</summary>
    public double Tolerance { get; init; } = 5e-5;

    /// <summary>The inputs, the same in every call.</summary>
    public Tensor[] Inputs(bool large, params ReadOnlySpan<int> frozen)
    {
        int[][] shapes = large ? Large : Small;
        Tensor[] inputs = new Tensor[shapes.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            inputs[i] = FiniteDifferences.Normal($"{Name} {i}", !frozen.Contains(i) && !Constants.Contains(i), shapes[i]);
            Adjust?.Invoke(i, inputs[i].ValueMemory);
        }

        return inputs;
    }
}
