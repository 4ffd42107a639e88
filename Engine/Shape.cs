namespace SpikeEngine;

/// <summary>Sizes of a tensor, outermost first; row-major. The last one is the length of a row.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private const int KnownShapes = 4096;

    // Training repeats the same few hundred shapes: their arrays are shared instead of allocated again. A slot that two
    // shapes fight over costs an allocation, never a wrong answer.
    private static readonly int[]?[] s_known = new int[KnownShapes][];

    private readonly int[]? _dims;
    private readonly int _count;

    /// <summary>A shape from its sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the product is over 2^31 - 1.</exception>
    public Shape(params ReadOnlySpan<int> dims)
    {
        long count = dims.Contains(0) ? 0 : 1;
        foreach (int dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim);
            count *= dim;
            if (count > int.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(dims), $"[{string.Join(", ", dims.ToArray())}] has more than 2^31 - 1 elements.");
        }

        _dims = Known(dims);
        _count = (int)count;
    }

    /// <summary>Number of elements; 1 without axes.</summary>
    public int Count => _dims is null ? 1 : _count;

    /// <summary>Number of axes.</summary>
    public int Rank => Dims.Length;

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<int> Dims => _dims ?? [];

    /// <summary>Length of a row: the last size, 1 for a scalar.</summary>
    public int Columns => Rank == 0 ? 1 : Dims[^1];

    /// <summary>Number of rows: the product of all sizes but the last.</summary>
    public int Rows
    {
        get
        {
            int rows = 1;
            for (int i = 0; i < Rank - 1; i++)
                rows *= Dims[i];
            return rows;
        }
    }

    /// <summary>Size of an axis; negative axes count from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int this[int axis] => Dims[Axis(axis)];

    /// <summary>The same leading sizes with another row length.</summary>
    public Shape WithColumns(int columns) => With(Rank - 1, columns);

    /// <summary>The same sizes but for one axis; negative axes count from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public Shape With(int axis, int size)
    {
        Span<int> dims = stackalloc int[Rank];
        Dims.CopyTo(dims);
        dims[Axis(axis)] = size;
        return new Shape(dims);
    }

    /// <summary>An axis that counts from the end, or not, as one that does not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int Axis(int axis)
    {
        int positive = axis < 0 ? axis + Rank : axis;
        return (uint)positive < (uint)Rank
            ? positive
            : throw new ArgumentOutOfRangeException(nameof(axis), $"Axis {axis} of {this}, which has {Rank}.");
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => ReferenceEquals(_dims, other._dims) || Dims.SequenceEqual(other.Dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash(Dims);

    /// <summary>As in [2, 21, 64].</summary>
    public override string ToString() => $"[{string.Join(", ", Dims.ToArray())}]";

    /// <summary>Equal sizes on every axis.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Some size differs.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    private static int Hash(ReadOnlySpan<int> dims)
    {
        uint hash = (uint)dims.Length;
        foreach (int dim in dims)
            hash = (hash ^ (uint)dim) * 0x9E37_79B1;
        return (int)(hash ^ (hash >> 15));
    }

    private static int[] Known(ReadOnlySpan<int> dims)
    {
        ref int[]? slot = ref s_known[(uint)Hash(dims) % KnownShapes];
        int[]? known = Volatile.Read(ref slot);
        if (known is null || !dims.SequenceEqual(known))
            Volatile.Write(ref slot, known = dims.ToArray());
        return known;
    }
}
