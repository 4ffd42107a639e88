using System.Runtime.CompilerServices;

namespace SpikeEngine;

/// <summary>A matrix of y = a b, or the gradient of one.</summary>
internal enum Factor
{
    /// <summary>a</summary>
    A,

    /// <summary>b</summary>
    B,

    /// <summary>y</summary>
    Y,
}

/// <summary>
/// The axes in front of the matrices of a product, those of size 1 left out and neighbours that a and b have alike merged. An
/// axis that a factor lacks is broadcast: its matrices stay where they are along it, and its gradient is summed.
/// </summary>
internal struct BatchAxes
{
    private const int MaxAxes = 8;

    private List _axes;
    private int _count;

    /// <summary>Broadcasts the leading axes of two shapes as numpy does.</summary>
    /// <param name="a">Leading sizes of a.</param>
    /// <param name="b">Leading sizes of b.</param>
    /// <param name="y">Gets the broadcast sizes; as long as the longer of both.</param>
    /// <returns>Null when the sizes do not fit.</returns>
    /// <exception cref="NotSupportedException">Broadcast and other axes alternate more than eight times.</exception>
    public static BatchAxes? Of(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> y)
    {
        BatchAxes axes = default;
        int strideA = 1, strideB = 1, strideY = 1;
        for (int i = 1; i <= y.Length; i++)
        {
            int sizeA = i <= a.Length ? a[^i] : 1, sizeB = i <= b.Length ? b[^i] : 1;
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
                return null;
            int size = y[^i] = sizeA == 1 ? sizeB : sizeA;
            if (size != 1)
                axes.Add(new Axis(size, sizeA == 1 ? 0 : strideA, sizeB == 1 ? 0 : strideB, strideY));
            strideA *= sizeA;
            strideB *= sizeB;
            strideY *= size;
        }

        return axes;
    }

    /// <summary>Matrices that a factor has of its own, or, for the others, that are summed into each.</summary>
    public readonly int Count(Factor factor, bool summed = false)
    {
        int count = 1;
        for (int i = 0; i < _count; i++)
            count *= _axes[i].Stride(factor) == 0 == summed ? _axes[i].Size : 1;
        return count;
    }

    /// <summary>
    /// Which matrix of <paramref name="wanted"/> belongs to the term number <paramref name="term"/> of the matrix number
    /// <paramref name="index"/> of <paramref name="target"/>.
    /// </summary>
    public readonly int Matrix(Factor target, int index, int term, Factor wanted)
    {
        int matrix = 0;
        for (int i = 0; i < _count; i++)
        {
            Axis axis = _axes[i];
            ref int rest = ref axis.Stride(target) == 0 ? ref term : ref index;
            (rest, int position) = Math.DivRem(rest, axis.Size);
            matrix += position * axis.Stride(wanted);
        }

        return matrix;
    }

    private void Add(Axis axis)
    {
        if (_count > 0 && _axes[_count - 1] is var inner && inner.IsBroadcastAs(axis))
        {
            _axes[_count - 1] = inner with { Size = inner.Size * axis.Size };
            return;
        }

        if (_count == MaxAxes)
            throw new NotSupportedException($"A matrix product whose axes change between broadcast and not more than {MaxAxes} times.");
        _axes[_count++] = axis;
    }

    /// <summary>One axis, and how many matrices a step along it moves each factor ahead.</summary>
    private readonly record struct Axis(int Size, int A, int B, int Y)
    {
        public int Stride(Factor factor) => factor switch
        {
            Factor.A => A,
            Factor.B => B,
            _ => Y,
        };

        public bool IsBroadcastAs(Axis other) => A == 0 == (other.A == 0) && B == 0 == (other.B == 0);
    }

    /// <summary>The innermost axis first.</summary>
    [InlineArray(MaxAxes)]
    private struct List
    {
        private Axis _first;
    }
}
