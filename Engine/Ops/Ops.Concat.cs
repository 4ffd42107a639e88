using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>Tensors one after the other along an axis.</summary>
    /// <param name="tensors">At least one; their sizes agree on all other axes.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">There is none, or sizes differ.</exception>
    public static Tensor Concat(ReadOnlySpan<Tensor> tensors, int axis = 0) => ConcatAs(tensors, axis, nameof(Concat));

    /// <summary>Tensors of one shape along a new axis.</summary>
    /// <param name="tensors">At least one.</param>
    /// <param name="axis">Where the new axis is in the result; negative ones count from the end.</param>
    /// <exception cref="ArgumentException">There is none, or shapes differ.</exception>
    public static Tensor Stack(ReadOnlySpan<Tensor> tensors, int axis = 0)
    {
        var layers = new Tensor[tensors.Length];
        for (int i = 0; i < layers.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(tensors[i], nameof(tensors));
            if (tensors[i].Shape != tensors[0].Shape)
                throw new ArgumentException($"Tensors {tensors[0].Shape} and {tensors[i].Shape} cannot be stacked.", nameof(tensors));
            layers[i] = Unsqueeze(tensors[i], axis);
        }

        return ConcatAs(layers, axis, nameof(Stack));
    }

    private static Tensor ConcatAs(ReadOnlySpan<Tensor> tensors, int axis, string op)
    {
        Shape shape = ConcatShape(tensors, ref axis);
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        int position = 0;
        foreach (Tensor x in tensors)
        {
            Move(Placed(x.Shape, shape, axis, position), x.ValueMemory, y.ValueMemory, accumulate: false);
            position += x.Shape[axis];
        }

        Tensor[] parts = Tape.IsRecording ? tensors.ToArray() : [];
        return Tape.Record(y, tensors, (parts, axis), static (s, y) =>
        {
            int position = 0;
            foreach (Tensor x in s.parts)
            {
                MoveGrad(Placed(x.Shape, y.Shape, s.axis, position).Reversed, y, x);
                position += x.Shape[s.axis];
            }
        }, inDouble: static (s, v) => ConcatInDouble(s.parts, s.axis, v), op: op);
    }

    private static double[] ConcatInDouble(Tensor[] parts, int axis, double[][] v)
    {
        // Row by row of what is outside the axis: the rows of all parts, one after the other.
        List<double> y = [];
        for (int row = 0; row < parts[0].Shape.Outer(axis); row++)
        {
            for (int i = 0; i < v.Length; i++)
            {
                int length = parts[i].Shape[axis] * parts[i].Shape.Stride(axis);
                y.AddRange(v[i].AsSpan(row * length, length));
            }
        }

        return [.. y];
    }

    private static Shape ConcatShape(ReadOnlySpan<Tensor> tensors, ref int axis)
    {
        if (tensors.IsEmpty)
            throw new ArgumentException("There is nothing to join.", nameof(tensors));
        foreach (Tensor x in tensors)
            ArgumentNullException.ThrowIfNull(x, nameof(tensors));

        Shape first = tensors[0].Shape;
        axis = first.Axis(axis);
        int size = 0;
        foreach (Tensor x in tensors)
        {
            if (x.Shape.Rank != first.Rank || x.Shape.With(axis, first[axis]) != first)
                throw new ArgumentException($"Tensors {first} and {x.Shape} cannot be joined along axis {axis}.", nameof(tensors));
            size = checked(size + x.Shape[axis]);
        }

        return first.With(axis, size);
    }
}
