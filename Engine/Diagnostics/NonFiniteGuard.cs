using System.Numerics.Tensors;

namespace SpikeEngine;

/// <summary>
/// While it is on, every operation of this thread is looked at as it ends, forward and backward, and the first that makes a
/// value or a gradient which is infinite or not a number throws, with its name, shapes and module.
/// </summary>
/// <example><code>using NonFiniteGuard guard = NonFiniteGuard.Start();</code></example>
public sealed class NonFiniteGuard : IDisposable
{
    [ThreadStatic]
    private static NonFiniteGuard? t_current;

    private readonly NonFiniteGuard? _outer = t_current;

    private NonFiniteGuard()
    {
    }

    /// <summary>Whether one is on in this thread.</summary>
    public static bool IsOn => t_current is not null;

    /// <summary>Switches it on until it is disposed.</summary>
    public static NonFiniteGuard Start() => t_current = new NonFiniteGuard();

    /// <summary>Switches it off.</summary>
    public void Dispose()
    {
        if (t_current == this)
            t_current = _outer;
    }

    /// <summary>Looks at a result. Values that come from outside are not an operation's fault: then its inputs are named.</summary>
    internal static void CheckValue(Tensor y, ReadOnlySpan<Tensor> inputs, string op)
    {
        if (!IsOn || FirstNonFinite(y.Values) is not (>= 0 and int at))
            return;
        string blame = "";
        for (int i = 0; i < inputs.Length; i++)
        {
            if (FirstNonFinite(inputs[i].Values) is >= 0 and int inputAt)
                blame += $" Input {i} has {inputs[i].Values[inputAt]} at {inputAt} already.";
        }

        throw new NonFiniteException(
            $"{op} made {y.Values[at]} at {at} of {y.Shape}, from {Shapes(inputs)}{In(Module.CurrentPath)}.{blame}");
    }

    /// <summary>Looks at the gradients that an operation has just added to.</summary>
    internal static void CheckGradients(TapeNode node)
    {
        if (!IsOn)
            return;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            Tensor input = node.Inputs[i];
            if (input.HasGrad && FirstNonFinite(input.Grad) is >= 0 and int at)
            {
                throw new NonFiniteException(
                    $"The backward pass of {node.Op} made {input.Grad[at]} at {at} in the gradient of its input {i} {input.Shape}"
                    + $"{(input is Parameter parameter ? $" ({parameter.Path})" : "")}; its result is {node.Y.Shape}{In(node.ModulePath)}.");
            }
        }
    }

    private static int FirstNonFinite(ReadOnlySpan<float> values)
    {
        if (TensorPrimitives.IsFiniteAll(values))
            return -1;
        int at = 0;
        while (float.IsFinite(values[at]))
            at++;
        return at;
    }

    private static string In(string path) => path.Length == 0 ? "" : $", in {path}";

    private static string Shapes(ReadOnlySpan<Tensor> inputs)
    {
        List<string> shapes = [];
        foreach (Tensor input in inputs)
            shapes.Add(input is Parameter parameter ? $"{parameter.Path} {input.Shape}" : input.Shape.ToString());
        return string.Join(" and ", shapes);
    }
}
