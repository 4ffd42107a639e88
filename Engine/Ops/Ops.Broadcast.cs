using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // The innermost axis is not cut into pieces shorter than this.
    private const int ShortestRun = 256;

    /// <summary>The shape that two shapes are broadcast to, as numpy does.</summary>
    /// <exception cref="ArgumentException">On some axis they have different sizes, neither of them 1.</exception>
    private static Shape BroadcastShape(Shape a, string nameOfA, Shape b, string nameOfB)
    {
        if (a == b)
            return a;
        Span<int> dims = stackalloc int[Math.Max(a.Rank, b.Rank)];
        for (int fromEnd = 1; fromEnd <= dims.Length; fromEnd++)
        {
            int sizeOfA = fromEnd <= a.Rank ? a[-fromEnd] : 1, sizeOfB = fromEnd <= b.Rank ? b[-fromEnd] : 1;
            if (sizeOfA != sizeOfB && sizeOfA != 1 && sizeOfB != 1)
            {
                throw new ArgumentException($"{nameOfA} is {a}, {nameOfB} is {b}: they cannot be broadcast, "
                    + $"for axis {-fromEnd} has {sizeOfA} and {sizeOfB} entries, and neither is 1.");
            }

            dims[^fromEnd] = sizeOfA == 1 ? sizeOfB : sizeOfA;
        }

        return new Shape(dims);
    }

    /// <summary>The element of an operand that is broadcast to element <paramref name="i"/> of the result.</summary>
    private static int SourceOf(int i, Shape y, Shape operand)
    {
        int source = 0, stride = 1;
        for (int fromEnd = 1; fromEnd <= operand.Rank; fromEnd++)
        {
            (i, int position) = Math.DivRem(i, y[-fromEnd]);
            source += operand[-fromEnd] == 1 ? 0 : position * stride;
            stride *= operand[-fromEnd];
        }

        return source;
    }

    /// <summary>How many pieces of work a result is worth.</summary>
    private static int PiecesOf(Tensor y) => (y.Count + PieceFloats - 1) / PieceFloats;

    /// <summary>
    /// Where to cut the way through a result into pieces of work: along the outermost axis that has entries enough, or else the one
    /// that gives the most pieces. From the shapes alone.
    /// </summary>
    /// <param name="plan">The way.</param>
    /// <param name="wanted">Pieces.</param>
    /// <param name="ofA">Whether only axes that the first operand has will do.</param>
    private static Cut CutOf(in Broadcast plan, int wanted, bool ofA = false)
    {
        Cut best = new(Axis: 0, Pieces: 1, Grain: plan[0].Size);
        for (int axis = plan.Count - 1; axis >= 0; axis--)
        {
            (int size, Place step) = plan[axis];
            int unit = axis == 0 ? ShortestRun : 1;
            int pieces = Math.Min(wanted, (size + unit - 1) / unit);
            if (pieces > best.Pieces && !(ofA && step.A == 0))
                best = new Cut(axis, pieces, Grain: ((size + pieces - 1) / pieces + unit - 1) / unit * unit);
        }

        return best;
    }

    /// <summary>Pieces along one axis, each of so many of its entries.</summary>
    private readonly record struct Cut(int Axis, int Pieces, int Grain);
}
