namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>x with entries of a constant value in front of it and behind it along an axis.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <param name="before">New entries in front.</param>
    /// <param name="after">New entries behind.</param>
    /// <param name="value">Their value.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or a number is negative.</exception>
    public static Tensor Pad(Tensor x, int axis, int before, int after, float value = 0f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        axis = x.Shape.Axis(axis);
        using var timing = Profiler.Time();
        Tensor y = new(x.Shape.With(axis, checked(before + x.Shape[axis] + after)));

        int inner = x.Shape.Stride(axis), row = y.Shape[axis] * inner;
        for (int start = 0; start < y.Count; start += row)
        {
            y.Values.Slice(start, before * inner).Fill(value);
            y.Values.Slice(start + row - after * inner, after * inner).Fill(value);
        }

        Move(Placed(x.Shape, y.Shape, axis, before), x.ValueMemory, y.ValueMemory, accumulate: false);
        return Tape.Record(
            y, [x], (x, y: y.Shape, axis, before, value),
            static (s, y) => MoveGrad(Placed(s.x.Shape, y.Shape, s.axis, s.before).Reversed, y, s.x),
            inDouble: static (s, v) => PadInDouble(s.x.Shape, s.y, s.axis, s.before, s.value, v[0]));
    }

    private static double[] PadInDouble(Shape x, Shape y, int axis, int before, double value, double[] v)
    {
        double[] padded = new double[y.Count];
        int inner = x.Stride(axis), size = x[axis];
        for (int i = 0; i < padded.Length; i++)
        {
            (int outer, int position) = Math.DivRem(i / inner, y[axis]);
            position -= before;
            padded[i] = position >= 0 && position < size ? v[(outer * size + position) * inner + i % inner] : value;
        }

        return padded;
    }
}
