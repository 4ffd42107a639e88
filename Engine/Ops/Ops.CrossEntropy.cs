using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>The label of a row that does not count.</summary>
    public const int IgnoredLabel = CrossEntropyForward.Ignored;

    /// <summary>
    /// -ln softmax(logits)[label] for each row, with label smoothing s:  (1 - s) * (-ln p[label]) + s * mean over classes of -ln p.
    /// </summary>
    /// <param name="logits">[..., vocabulary]</param>
    /// <param name="labels">One for each row, <see cref="IgnoredLabel"/> to leave it out; must not change before the backward pass.</param>
    /// <param name="reduction">The mean is over the rows that count.</param>
    /// <param name="labelSmoothing">s, from 0 to 1.</param>
    /// <returns>[1], or [rows] with <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ArgumentException">The number of labels is not that of rows, a label is no class, or s is out of its range.</exception>
    public static Tensor CrossEntropy(
        Tensor logits, ReadOnlyMemory<int> labels, Reduction reduction = Reduction.Mean, float labelSmoothing = 0f)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int kept = CountLabels(labels.Span, logits.Shape, logits.Rows, logits.Columns, labelSmoothing);

        using var timing = Profiler.Time();
        Tensor losses = new(logits.Rows), largest = new(logits.Rows, 1), logZ = new(logits.Rows, 1);
        RowParallel.For(
            logits.Rows, Grain(logits.Columns), (logits, labels, labelSmoothing, losses, largest, logZ),
            static (s, start, end) => Simd.Run(new CrossEntropyForward
            {
                Logits = s.logits.Rows(start, end),
                Labels = s.labels.Span[start..end],
                Smoothing = s.labelSmoothing,
                Loss = s.losses.Values[start..end],
                Largest = s.largest.Rows(start, end),
                LogZ = s.logZ.Rows(start, end),
            }));

        Tensor loss = ReduceRows(losses, reduction, kept);
        return Tape.Record(loss, [logits], (logits, labels, reduction, kept, labelSmoothing, largest, logZ), static (saved, loss) =>
        {
            bool isFirst = ClearsInParts(saved.logits);
            Tensor gradLoss = RowGrads(loss, saved.reduction, saved.logits.Rows, saved.kept, []);
            RowParallel.For(saved.logits.Rows, Grain(saved.logits.Columns), (saved, gradLoss, isFirst), static (s, start, end) =>
                Simd.Run(new CrossEntropyBackward
                {
                    GradLoss = s.gradLoss.Rows(start, end),
                    Logits = s.saved.logits.Rows(start, end),
                    Labels = s.saved.labels.Span[start..end],
                    Smoothing = s.saved.labelSmoothing,
                    Largest = s.saved.largest.Rows(start, end),
                    LogZ = s.saved.logZ.Rows(start, end),
                    GradLogits = s.saved.logits.GradRows(start, end, s.isFirst),
                }));
        }, inDouble: static (saved, v) => ReduceInDouble(
            CrossEntropyInDouble(v[0], saved.labels, saved.labelSmoothing), saved.reduction, saved.kept));
    }

    /// <summary>How many labels count, after a look at all of them.</summary>
    private static int CountLabels(ReadOnlySpan<int> labels, Shape shape, int rows, int classes, float smoothing)
    {
        if (labels.Length != rows)
            throw new ArgumentException($"{labels.Length} labels were given for {shape} with {rows} rows.", nameof(labels));
        if (smoothing is not (>= 0f and <= 1f))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing must be from 0 to 1.");
        int kept = 0;
        foreach (int label in labels)
        {
            if (label != IgnoredLabel && (uint)label >= (uint)classes)
                throw new ArgumentOutOfRangeException(nameof(labels), $"Label {label}; there are {classes} classes.");
            kept += label == IgnoredLabel ? 0 : 1;
        }

        return kept;
    }

    /// <summary>The losses of the rows.</summary>
    internal static double[] CrossEntropyInDouble(double[] logits, ReadOnlyMemory<int> labels, double smoothing = 0)
    {
        double[] losses = new double[labels.Length];
        for (int row = 0; row < losses.Length; row++)
        {
            int label = labels.Span[row];
            if (label == IgnoredLabel)
                continue;
            double[] lnP = LnSoftmaxOfRow(logits, row, logits.Length / losses.Length);
            losses[row] = -(1 - smoothing) * lnP[label] - smoothing * lnP.Average();
        }

        return losses;
    }
}
