namespace SpikeEngine;

/// <summary>
/// Analytic gradients against central differences. The forward pass is recorded once and then run again in double, operation
/// by operation, with one input element moved up and down: the differences are good to some nine digits, so what remains of
/// an error is the engine's own. Operations without a double form (those of a caller that does not give one) are refused.
/// </summary>
public static class GradientCheck
{
    /// <summary>Checks the gradients of a function with respect to tensors. Their gradients are zeros afterwards.</summary>
    /// <param name="function">Any number of operations; it must read the tensors given, not copies.</param>
    /// <param name="inputs">Set <see cref="Tensor.NeedsGrad"/> of those whose gradients are to be checked; the others are constants.</param>
    /// <param name="options">Tolerance and how many elements; the usual ones when null.</param>
    /// <exception cref="ArgumentException">The function depends on nothing to check, or there are no elements.</exception>
    /// <exception cref="NotSupportedException">An operation has no double form.</exception>
    public static GradientCheckResult Run(Func<Tensor[], Tensor> function, Tensor[] inputs, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        return Run(() => function(inputs), [.. inputs.Select((input, i) => ($"input {i}", input))], options ?? new());
    }

    /// <summary>Checks the gradients of a whole module with respect to all its trainable parameters. Its gradients are zeros afterwards.</summary>
    /// <param name="module">Whose parameters.</param>
    /// <param name="function">The module's forward pass, and a loss if wanted.</param>
    /// <param name="options">Tolerance and how many elements; the usual ones when null.</param>
    /// <exception cref="ArgumentException">The function depends on nothing to check, or there are no elements.</exception>
    /// <exception cref="NotSupportedException">An operation has no double form.</exception>
    public static GradientCheckResult Run(Module module, Func<Tensor> function, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(function);
        return Run(function, [.. module.Parameters().Select(parameter => (parameter.Path, (Tensor)parameter))], options ?? new());
    }

    private static GradientCheckResult Run(Func<Tensor> function, (string Name, Tensor Tensor)[] inputs, GradientCheckOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ElementsPerTensor);
        foreach ((_, Tensor tensor) in inputs)
            tensor.Grad.Clear();
        using Tape tape = Tape.BeginWithDoubleForms();
        Tensor y = function();
        if (!y.NeedsGrad)
            throw new ArgumentException(
                "The function depends on nothing that needs a gradient: set NeedsGrad of the inputs, or use the module's parameters in it.",
                nameof(function));
        if (!inputs.Any(input => tape.Nodes.Any(node => node.Inputs.Any(used => used.Root.Root == input.Tensor.Root.Root))))
            throw new ArgumentException("The function uses none of the tensors whose gradients are to be checked.", nameof(function));
        if (tape.Nodes.FirstOrDefault(node => !node.HasDoubleForm) is { } node)
            throw new NotSupportedException($"{node.Op} has no double form, which a gradient check needs: give one to Tape.Record.");

        SeededRandom random = new(options.Seed, "gradient check");
        double[] upstream = new double[y.Count];
        for (int i = 0; i < upstream.Length; i++)
            upstream[i] = y.Count == 1 ? 1.0 : random.NextNormal();
        for (int i = 0; i < upstream.Length; i++)
            y.Grad[i] += (float)(upstream[i] = (float)upstream[i]);
        tape.Replay();

        Findings findings = new();
        DoubleReplay replay = new(tape, options.SurrogateAware);
        if (options.CheckValues)
        {
            foreach (TapeNode op in tape.Nodes)
            {
                double[] expected = replay[op.Y];
                for (int i = 0; i < expected.Length; i++)
                    findings.Add($"value of {op.Op}", op.Y, i, op.Y.Values[i], expected[i]);
            }
        }

        int elements = 0;
        foreach ((string name, Tensor tensor) in inputs.Where(input => input.Tensor.NeedsGrad))
        {
            foreach (int index in Elements(tensor.Count, options.ElementsPerTensor, random))
            {
                double x = tensor.Values[index], step = options.Step * Math.Max(1.0, Math.Abs(x));
                replay.Move(tensor, index, x + step);
                double above = Dot(replay[y], upstream);
                replay.Move(tensor, index, x - step);
                double below = Dot(replay[y], upstream);
                findings.Add(name, tensor, index, tensor.Grad[index], (above - below) / (2.0 * step));
                elements++;
            }
        }

        foreach ((_, Tensor tensor) in inputs)
            tensor.Grad.Clear();
        return findings.Worst is { } worst
            ? new GradientCheckResult(worst.Error <= options.Tolerance, elements, worst)
            : throw new ArgumentException("There is nothing to check: the tensors have no elements.", nameof(inputs));
    }

    /// <summary>All elements of a small tensor, some of a large one.</summary>
    private static IEnumerable<int> Elements(int count, int most, SeededRandom random) =>
        count <= most ? Enumerable.Range(0, count) : Enumerable.Range(0, most).Select(_ => random.NextInt(count)).Distinct().Order();

    private static double Dot(double[] y, double[] upstream)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
            sum += y[i] * upstream[i];
        return sum;
    }

    /// <summary>Keeps the element with the largest error.</summary>
    private sealed class Findings
    {
        public GradientCheckElement? Worst { get; private set; }

        public void Add(string name, Tensor tensor, int index, double actual, double expected)
        {
            // Equal infinities agree, not-a-number agrees with nothing.
            double error = actual == expected ? 0.0 : Math.Abs(actual - expected) / (1.0 + Math.Abs(expected));
            if (double.IsNaN(error))
                error = double.PositiveInfinity;
            if (Worst is null || error > Worst.Error)
                Worst = new GradientCheckElement(name, tensor.Shape, Position(tensor.Shape, index), actual, expected, error);
        }

        private static int[] Position(Shape shape, int index)
        {
            int[] position = new int[shape.Rank];
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
                (index, position[axis]) = Math.DivRem(index, Math.Max(1, shape[axis]));
            return position;
        }
    }
}
