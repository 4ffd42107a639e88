namespace SpikeEngine;

/// <summary>Sizes of a tensor, outermost first; row-major. The last one is the length of a row.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? _dims;

    /// <summary>A shape from its sizes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the product is over 2^31 - 1.</exception>
    public Shape(params ReadOnlySpan<int> dims)
    {
        long count = 1;
        foreach (int dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim);
            count *= dim;
            if (count > int.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(dims), $"[{string.Join(", ", dims.ToArray())}] has more than 2^31 - 1 elements.");
        }

        _dims = dims.ToArray();
        Count = (int)count;
    }

    /// <summary>Number of elements.</summary>
    public int Count { get; }

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
    public int this[int axis] => Dims[axis < 0 ? axis + Rank : axis];

    /// <summary>The same leading sizes with another row length.</summary>
    public Shape WithColumns(int columns)
    {
        int[] dims = Dims.ToArray();
        dims[^1] = columns;
        return new Shape(dims);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Dims.SequenceEqual(other.Dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int dim in Dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <summary>As in [2, 21, 64].</summary>
    public override string ToString() => $"[{string.Join(", ", Dims.ToArray())}]";

    /// <summary>Equal sizes on every axis.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Some size differs.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);
}
