using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// T² KL(p || q) of each row, p = softmax(teacher / T), q = softmax(student / T), or T² KL(q || p) for the reverse
    /// direction. T² keeps the gradient's size independent of T (Hinton et al. 2015). No gradient reaches the teacher.
    /// </summary>
    /// <param name="student">[..., vocabulary]</param>
    /// <param name="teacher">[..., vocabulary]</param>
    /// <param name="temperature">T</param>
    /// <param name="mask">Which rows count; all when empty. Must not change before the backward pass.</param>
    /// <param name="direction">Which divergence.</param>
    /// <param name="reduction">The mean is over the rows that count.</param>
    /// <returns>[1], or [rows] with <see cref="Reduction.None"/>.</returns>
    public static Tensor KLDivergence(
        Tensor student,
        Tensor teacher,
        float temperature = 1f,
        ReadOnlyMemory<bool> mask = default,
        KLDirection direction = KLDirection.Forward,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        RequireSameShape(student, nameof(student), teacher, nameof(teacher));
        int kept = CountKept(mask.Span, student);

        using var timing = Profiler.Time();
        Tensor kl = new(student.Rows, 1), norms = new(student.Rows, 4);
        bool reverse = direction == KLDirection.Reverse;
        RowParallel.For(
            student.Rows, Grain(student.Columns), (student, teacher, temperature, reverse, kl, norms),
            static (s, start, end) => Simd.Run(new KLDivergenceForward
            {
                Student = s.student.Rows(start, end),
                Teacher = s.teacher.Rows(start, end),
                InverseTemperature = 1f / s.temperature,
                Reverse = s.reverse,
                KL = s.kl.Rows(start, end),
                Norms = s.norms.Rows(start, end),
            }));

        Tensor losses = new(student.Rows);
        for (int row = 0; row < student.Rows; row++)
            losses.Values[row] = mask.IsEmpty || mask.Span[row] ? temperature * temperature * kl.Values[row] : 0f;
        Tensor loss = ReduceRows(losses, reduction, kept);
        return Tape.Record(loss, [student], (student, teacher, temperature, mask, reverse, reduction, kept, kl, norms), static (saved, loss) =>
        {
            bool isFirst = ClearsInParts(saved.student);
            Tensor gradKL = RowGrads(
                loss, saved.reduction, saved.student.Rows, saved.kept, saved.mask.Span, saved.temperature * saved.temperature);
            RowParallel.For(saved.student.Rows, Grain(saved.student.Columns), (saved, gradKL, isFirst), static (s, start, end) =>
                Simd.Run(new KLDivergenceBackward
                {
                    GradKL = s.gradKL.Rows(start, end),
                    Student = s.saved.student.Rows(start, end),
                    Teacher = s.saved.teacher.Rows(start, end),
                    InverseTemperature = 1f / s.saved.temperature,
                    Reverse = s.saved.reverse,
                    KL = s.saved.kl.Rows(start, end),
                    Norms = s.saved.norms.Rows(start, end),
                    GradStudent = s.saved.student.GradRows(start, end, s.isFirst),
                }));
        }, inDouble: static (saved, v) => ReduceInDouble(
            KLDivergenceInDouble(v[0], saved.teacher.InDouble(), saved.student.Columns, saved.temperature, saved.reverse),
            saved.reduction, saved.kept, saved.mask));
    }

    /// <summary>The divergences of the rows.</summary>
    private static double[] KLDivergenceInDouble(double[] student, double[] teacher, int vocabulary, double temperature, bool reverse)
    {
        double[] losses = new double[student.Length / vocabulary];
        for (int row = 0; row < losses.Length; row++)
        {
            double[] lnP = LnSoftmaxOfRow(teacher, row, vocabulary, 1 / temperature);
            double[] lnQ = LnSoftmaxOfRow(student, row, vocabulary, 1 / temperature);
            if (reverse)
                (lnP, lnQ) = (lnQ, lnP);
            losses[row] = temperature * temperature * lnP.Zip(lnQ, (p, q) => Math.Exp(p) is > 0 and double share ? share * (p - q) : 0).Sum();
        }

        return losses;
    }
}
