namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>Brings the values of a view, whose neighbours lie apart, into row-major order.</summary>
internal static class StridedGather
{
    /// <summary>Values [first, first + destination's) of the view, in row-major order.</summary>
    /// <param name="source">The storage from the view's first value on.</param>
    /// <param name="size">Bytes of a value.</param>
    /// <param name="shape">Sizes of the view; none is 0.</param>
    /// <param name="strides">Values from one index to the next, of each axis.</param>
    /// <param name="first">Where in row-major order to begin.</param>
    /// <param name="destination">Where the values go.</param>
    public static void Run(
        ReadOnlySpan<byte> source, int size, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long first, Span<byte> destination)
    {
        Span<long> index = stackalloc long[shape.Length];
        long at = 0;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            (first, index[axis]) = Math.DivRem(first, shape[axis]);
            at += index[axis] * strides[axis];
        }

        for (; !destination.IsEmpty; destination = destination[size..])
        {
            source.Slice(checked((int)(at * size)), size).CopyTo(destination);

            // The next index, as an odometer turns.
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                at += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                at -= shape[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }
}
