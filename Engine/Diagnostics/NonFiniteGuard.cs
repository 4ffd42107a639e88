using System.Numerics.Tensors;

namespace SpikeEngine;

/// <summary>
/// While it is on, every operation of this thread is looked at as it ends, forward and backward, and the first that makes a
/// value or a gradient which is infinite or not a number throws, with its name, shapes and module. Start it before the forward
/// pass whose backward pass it shall look at.
/// </summary>
/// <example><code>using NonFiniteGuard guard = NonFiniteGuard.Start();</code></example>
public sealed class NonFiniteGuard : IDisposable
{
    [ThreadStatic]
    private static NonFiniteGuard? t_current;

    private readonly NonFiniteGuard? _outer = t_current;
    private readonly bool _allowsMinusInfinity;

    private NonFiniteGuard(bool allowsMinusInfinity) => _allowsMinusInfinity = allowsMinusInfinity;

    /// <summary>Whether one is on in this thread.</summary>
    public static bool IsOn => t_current is not null;

    /// <summary>Switches it on until it is disposed.</summary>
    /// <param name="allowMinusInfinity">
    /// Whether -infinity is a value like others, as in a mask before softmax and in <see cref="Ops.SegSum"/>. In gradients it never is.
    /// </param>
    public static NonFiniteGuard Start(bool allowMinusInfinity = false) => t_current = new NonFiniteGuard(allowMinusInfinity);

    /// <summary>Switches it off.</summary>
    public void Dispose()
    {
        if (t_current == this)
            t_current = _outer;
    }

    /// <summary>Looks at a result. Values that come from outside are not an operation's fault: then its inputs are named.</summary>
    internal static void CheckValue(Tensor y, ReadOnlySpan<Tensor> inputs, string op)
    {
        if (t_current is not { } guard || FirstNonFinite(y.Values, guard._allowsMinusInfinity) is not (>= 0 and int at))
            return;
        string blame = "";
        for (int i = 0; i < inputs.Length; i++)
        {
            if (FirstNonFinite(inputs[i].Values, guard._allowsMinusInfinity) is >= 0 and int inputAt)
                blame += $" Input {i} has {inputs[i].Values[inputAt]} at {inputAt} already.";
        }

        throw new NonFiniteException(
            $"{op} made {y.Values[at]} at {at} of {y.Shape}, from {Shapes(inputs)}{In(Module.CurrentPath)}.{blame}"
            + (float.IsNegativeInfinity(y.Values[at]) ? " If it is meant, as in a mask, start the guard with allowMinusInfinity." : ""));
    }

    /// <summary>Looks at the gradients that an operation has just added to.</summary>
    /// <exception cref="InvalidOperationException">The operation ran before the guard was started, and so did not keep its inputs.</exception>
    internal static void CheckGradients(TapeNode node)
    {
        if (!IsOn)
            return;
        if (!node.KeepsInputs)
        {
            throw new InvalidOperationException(
                $"The non-finite guard was started after {node.Op} ran, and cannot see where its gradients go; start it before the forward pass.");
        }

        for (int i = 0; i < node.Inputs.Length; i++)
        {
            Tensor input = node.Inputs[i];
            if (input.HasGrad && FirstNonFinite(input.Grad, allowMinusInfinity: false) is >= 0 and int at)
            {
                throw new NonFiniteException(
                    $"The backward pass of {node.Op} made {input.Grad[at]} at {at} in the gradient of its input {i} {input.Shape}"
                    + $"{(input is Parameter parameter ? $" ({parameter.Path})" : "")}; its result is {node.Y.Shape}{In(node.ModulePath)}.");
            }
        }
    }

    private static int FirstNonFinite(ReadOnlySpan<float> values, bool allowMinusInfinity)
    {
        if (TensorPrimitives.IsFiniteAll(values))
            return -1;
        for (int at = 0; at < values.Length; at++)
        {
            if (!float.IsFinite(values[at]) && !(allowMinusInfinity && float.IsNegativeInfinity(values[at])))
                return at;
        }

        return -1;
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
