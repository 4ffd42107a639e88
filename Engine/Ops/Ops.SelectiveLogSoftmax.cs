using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = ln softmax(logits)[id] for each row, without the other entries: what a policy gradient needs of a language model. It
    /// is the negative of a cross-entropy, and its kernels do the work.
    /// </summary>
    /// <param name="logits">[..., vocabulary]</param>
    /// <param name="ids">
    /// One for each row, <see cref="IgnoredLabel"/> for 0 and no gradient; must not change before the backward pass.
    /// </param>
    /// <returns>[...], [1] for a single row without other axes.</returns>
    /// <exception cref="ArgumentException">Their number is not that of the rows, or an id is not in the vocabulary.</exception>
    public static Tensor SelectiveLogSoftmax(Tensor logits, ReadOnlyMemory<int> ids)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (ids.Length != logits.Rows)
            throw new ArgumentException($"{ids.Length} ids were given; logits is {logits.Shape} with {logits.Rows} rows.", nameof(ids));
        foreach (int id in ids.Span)
        {
            if (id != IgnoredLabel && (uint)id >= (uint)logits.Columns)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Id {id}; logits is {logits.Shape}.");
        }

        using var timing = Profiler.Time();
        Tensor y = new(logits.Shape.Rank < 2 ? new Shape(1) : new Shape(logits.Shape.Dims[..^1]));
        Memory<float> largest = Workspace.Rent(y.Count), logZ = Workspace.Rent(y.Count);
        RowParallel.For(logits.Rows, Grain(logits.Columns), (logits, ids, y, largest, logZ), static (s, start, end) =>
        {
            Span<float> y = s.y.Values[start..end];
            Simd.Run(new CrossEntropyForward
            {
                Logits = s.logits.Rows(start, end),
                Labels = s.ids.Span[start..end],
                Smoothing = 0f,
                Loss = y,
                Largest = s.largest.Span[start..end],
                LogZ = s.logZ.Span[start..end],
            });
            Simd.Run(new ScaleForward { X = y, Factor = -1f, Y = y });
        });

        return Tape.Record(y, [logits], (logits, ids, largest, logZ), static (s, y) =>
        {
            PrepareGrads(s.logits);
            Memory<float> gradLoss = Workspace.RentTemporary(y.Count, out Workspace.Mark mark);
            Simd.Run(new ScaleForward { X = y.Grad, Factor = -1f, Y = gradLoss.Span });
            RowParallel.For(s.logits.Rows, Grain(s.logits.Columns), (s, gradLoss), static (a, start, end) =>
                Simd.Run(new CrossEntropyBackward
                {
                    GradLoss = a.gradLoss.Span[start..end],
                    Logits = a.s.logits.Rows(start, end),
                    Labels = a.s.ids.Span[start..end],
                    Smoothing = 0f,
                    Largest = a.s.largest.Span[start..end],
                    LogZ = a.s.logZ.Span[start..end],
                    GradLogits = a.s.logits.GradRows(start, end),
                }));
            mark.Release();
        }, inDouble: static (s, v) => Enumerable.Range(0, s.ids.Length).Select(row =>
        {
            double[] x = v[0][(row * s.logits.Columns)..((row + 1) * s.logits.Columns)];
            int id = s.ids.Span[row];
            return id == IgnoredLabel ? 0.0 : x[id] - LogSumExpInDouble(x);
        }).ToArray());
    }
}
