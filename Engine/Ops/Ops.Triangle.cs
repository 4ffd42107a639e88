using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>The lower triangle of every matrix: y_ij = x_ij where j - i ≤ diagonal, else 0.</summary>
    /// <param name="x">[..., rows, columns]</param>
    /// <param name="diagonal">The last diagonal that is kept: 0 is the main one, -1 the one below.</param>
    /// <exception cref="ArgumentException">x is no matrix.</exception>
    public static Tensor Tril(Tensor x, int diagonal = 0) => Triangle(x, diagonal, lower: true, nameof(Tril));

    /// <summary>The upper triangle of every matrix: y_ij = x_ij where j - i ≥ diagonal, else 0.</summary>
    /// <param name="x">[..., rows, columns]</param>
    /// <param name="diagonal">The first diagonal that is kept: 0 is the main one, 1 the one above.</param>
    /// <exception cref="ArgumentException">x is no matrix.</exception>
    public static Tensor Triu(Tensor x, int diagonal = 0) => Triangle(x, diagonal, lower: false, nameof(Triu));

    private static Tensor Triangle(Tensor x, int diagonal, bool lower, string op)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.Rank < 2)
            throw new ArgumentException($"x is {x.Shape}; it must be [..., rows, columns].", nameof(x));

        using var timing = Profiler.Time(op: op);
        Tensor y = Tensor.Like(x);
        RowParallel.For(x.Rows, Grain(x.Columns), (x, y, diagonal, lower), static (s, start, end) =>
        {
            for (int row = start; row < end; row++)
            {
                Range kept = KeptColumns(s.x.Shape, row, s.diagonal, s.lower);
                Span<float> y = s.y.Rows(row, row + 1);
                y.Clear();
                s.x.Rows(row, row + 1)[kept].CopyTo(y[kept]);
            }
        });

        return Tape.Record(y, [x], (x, diagonal, lower), static (saved, y) =>
        {
            PrepareGrads(saved.x);
            RowParallel.For(y.Rows, Grain(y.Columns), (saved, y), static (s, start, end) =>
            {
                for (int row = start; row < end; row++)
                {
                    Range kept = KeptColumns(s.y.Shape, row, s.saved.diagonal, s.saved.lower);
                    Simd.Run(new AddScaled { X = s.y.GradRows(row, row + 1)[kept], Y = s.saved.x.GradRows(row, row + 1)[kept] });
                }
            });
        }, inDouble: static (s, v) =>
        {
            double[] y = new double[v[0].Length];
            for (int i = 0; i < y.Length; i++)
            {
                int above = i % s.x.Columns - i / s.x.Columns % s.x.Shape[-2];
                y[i] = (s.lower ? above <= s.diagonal : above >= s.diagonal) ? v[0][i] : 0.0;
            }

            return y;
        }, op: op);
    }

    /// <summary>The columns of a row, counted through all matrices, on the kept side of a diagonal.</summary>
    private static Range KeptColumns(Shape shape, int row, int diagonal, bool lower)
    {
        long onDiagonal = (long)(row % shape[-2]) + diagonal;
        return lower
            ? ..(int)Math.Clamp(onDiagonal + 1, 0, shape.Columns)
            : (int)Math.Clamp(onDiagonal, 0, shape.Columns)..;
    }
}
