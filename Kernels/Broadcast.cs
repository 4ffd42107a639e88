using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>Positions in a result and in up to three operands; or how far a step along an axis takes in each: 0 where broadcast.</summary>
/// <param name="Y">In the result.</param>
/// <param name="A">In the first operand.</param>
/// <param name="B">In the second.</param>
/// <param name="C">In the third.</param>
public readonly record struct Place(int Y, int A, int B, int C)
{
    /// <summary>So many steps further.</summary>
    public Place Move(Place step, int steps) => new(Y + steps * step.Y, A + steps * step.A, B + steps * step.B, C + steps * step.C);
}

/// <summary>
/// The way through a result whose operands are broadcast to it as numpy does: sizes are aligned at the last axis, and a missing
/// axis or one of size 1 is repeated. Axes along which every operand goes on alike become one, so that equal shapes are a single
/// run. Enumerating gives the place where each run along axis 0, the innermost, starts.
/// </summary>
public struct Broadcast
{
    /// <summary>Most axes that may remain; they alternate between operands, so real shapes have two or three.</summary>
    public const int MostAxes = 8;

    private Axes _axes;
    private Place _start;

    /// <summary>The way through a result of at least one element.</summary>
    /// <param name="y">Sizes of the result.</param>
    /// <param name="a">Sizes of the first operand.</param>
    /// <param name="b">Sizes of the second.</param>
    /// <param name="c">Sizes of the third; a scalar if there is none.</param>
    /// <exception cref="NotSupportedException">More than <see cref="MostAxes"/> axes remain.</exception>
    public Broadcast(ReadOnlySpan<int> y, ReadOnlySpan<int> a, ReadOnlySpan<int> b, ReadOnlySpan<int> c = default)
    {
        Place size = new(1, 1, 1, 1);
        for (int fromEnd = 1; fromEnd <= y.Length; fromEnd++)
        {
            Place own = new(y[^fromEnd], SizeAt(a, fromEnd), SizeAt(b, fromEnd), SizeAt(c, fromEnd));
            if (own.Y > 1)
                Add(own.Y, new Place(size.Y, own.A == 1 ? 0 : size.A, own.B == 1 ? 0 : size.B, own.C == 1 ? 0 : size.C));
            size = new Place(size.Y * own.Y, size.A * own.A, size.B * own.B, size.C * own.C);
        }

        if (Count == 0)
            Add(1, new Place(1, 1, 1, 1));
    }

    /// <summary>Number of axes, at least 1.</summary>
    public int Count { get; private set; }

    /// <summary>An axis; 0 is the innermost.</summary>
    public readonly Axis this[int axis] => _axes[axis];

    /// <summary>The part with entries [start, end) of an axis.</summary>
    public readonly Broadcast Slice(int axis, int start, int end)
    {
        Broadcast part = this;
        part._axes[axis] = _axes[axis] with { Size = end - start };
        part._start = _start.Move(_axes[axis].Step, start);
        return part;
    }

    /// <summary>The runs, in the order of the result.</summary>
    [UnscopedRef]
    public readonly Runs GetEnumerator() => new(in this);

    private static int SizeAt(ReadOnlySpan<int> dims, int fromEnd) => fromEnd <= dims.Length ? dims[^fromEnd] : 1;

    private void Add(int size, Place step)
    {
        if (Count > 0 && _axes[Count - 1] is var inner && default(Place).Move(inner.Step, inner.Size) == step)
            _axes[Count - 1] = inner with { Size = inner.Size * size };
        else if (Count < MostAxes)
            _axes[Count++] = new Axis(size, step);
        else
            throw new NotSupportedException($"Broadcasting alternates between the operands on more than {MostAxes} axes.");
    }

    /// <summary>One axis.</summary>
    /// <param name="Size">Its size.</param>
    /// <param name="Step">From one entry to the next.</param>
    public readonly record struct Axis(int Size, Place Step);

    [InlineArray(MostAxes)]
    private struct Axes
    {
        private Axis _first;
    }

    [InlineArray(MostAxes)]
    private struct Counters
    {
        private int _first;
    }

    /// <summary>Counts through all axes but the innermost.</summary>
    public ref struct Runs
    {
        private readonly ref readonly Broadcast _plan;
        private Counters _at;
        private Place _place;
        private bool _started;

        internal Runs(in Broadcast plan)
        {
            _plan = ref plan;
            _place = plan._start;
        }

        /// <summary>Where the run starts.</summary>
        public readonly Place Current => _place;

        /// <summary>Goes to the next run.</summary>
        public bool MoveNext()
        {
            if (!_started)
                return _started = true;
            for (int i = 1; i < _plan.Count; i++)
            {
                Axis axis = _plan._axes[i];
                if (++_at[i] < axis.Size)
                {
                    _place = _place.Move(axis.Step, 1);
                    return true;
                }

                _place = _place.Move(axis.Step, 1 - axis.Size);
                _at[i] = 0;
            }

            return false;
        }
    }
}
