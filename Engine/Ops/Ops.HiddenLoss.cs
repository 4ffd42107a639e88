using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// L = 1 / (2T) Σ_t ||softmax(y_t) - softmax(y'_t)||² over T tokens, softmax over the channels (SpikingMamba,
    /// arXiv 2510.04595, hidden-state term of the distillation loss). No gradient reaches the teacher.
    /// </summary>
    /// <param name="student">y, [..., dim]</param>
    /// <param name="teacher">y', [..., dim]</param>
    /// <param name="mask">Which tokens count; all when empty. Must not change before the backward pass.</param>
    /// <returns>[1]</returns>
    public static Tensor HiddenLoss(Tensor student, Tensor teacher, ReadOnlyMemory<bool> mask = default)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        RequireSameShape(student, nameof(student), teacher, nameof(teacher));
        int kept = CountKept(mask.Span, student);

        using var timing = Profiler.Time();
        Tensor losses = new(student.Rows), pull = new(student.Rows, 1), norms = new(student.Rows, 4);
        RowParallel.For(
            student.Rows, Grain(student.Columns), (student, teacher, losses, pull, norms),
            static (s, start, end) => Simd.Run(new HiddenLossForward
            {
                Student = s.student.Rows(start, end),
                Teacher = s.teacher.Rows(start, end),
                Loss = s.losses.Values[start..end],
                Pull = s.pull.Rows(start, end),
                Norms = s.norms.Rows(start, end),
            }));

        for (int row = 0; row < mask.Length; row++)
            losses.Values[row] = mask.Span[row] ? losses.Values[row] : 0f;
        Tensor loss = ReduceRows(losses, Reduction.Mean, kept);
        return Tape.Record(loss, [student], (student, teacher, mask, kept, pull, norms), static (saved, loss) =>
        {
            bool isFirst = ClearsInParts(saved.student);
            Tensor gradLoss = RowGrads(loss, Reduction.Mean, saved.student.Rows, saved.kept, saved.mask.Span);
            RowParallel.For(saved.student.Rows, Grain(saved.student.Columns), (saved, gradLoss, isFirst), static (s, start, end) =>
                Simd.Run(new HiddenLossBackward
                {
                    GradLoss = s.gradLoss.Rows(start, end),
                    Student = s.saved.student.Rows(start, end),
                    Teacher = s.saved.teacher.Rows(start, end),
                    Pull = s.saved.pull.Rows(start, end),
                    Norms = s.saved.norms.Rows(start, end),
                    GradStudent = s.saved.student.GradRows(start, end, s.isFirst),
                }));
        }, inDouble: static (saved, v) => ReduceInDouble(
            HiddenLossInDouble(v[0], saved.teacher.InDouble(), saved.student.Columns), Reduction.Mean, saved.kept, saved.mask));
    }

    /// <summary>The losses of the rows.</summary>
    internal static double[] HiddenLossInDouble(double[] student, double[] teacher, int dim)
    {
        double[] losses = new double[student.Length / dim];
        for (int row = 0; row < losses.Length; row++)
        {
            double[] lnP = LnSoftmaxOfRow(student, row, dim), lnQ = LnSoftmaxOfRow(teacher, row, dim);
            losses[row] = lnP.Zip(lnQ, (p, q) => Math.Pow(Math.Exp(p) - Math.Exp(q), 2)).Sum() / 2;
        }

        return losses;
    }
}
