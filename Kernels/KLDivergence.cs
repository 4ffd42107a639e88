using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// With p = softmax(teacher / T), q = softmax(student / T), for each row:  KL = Σ p (ln p - ln q), or with
/// <see cref="Reverse"/>  Σ q (ln q - ln p). One pass takes both exponentials and the weighted difference of the logits.
/// </summary>
public readonly ref struct KLDivergenceForward : ISimdKernel
{
    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Student { get; init; }

    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Teacher { get; init; }

    /// <summary>1 / T</summary>
    public required float InverseTemperature { get; init; }

    /// <summary>Whether the expectation is under the student.</summary>
    public required bool Reverse { get; init; }

    /// <summary>[rows], without a factor of T.</summary>
    public required Span<float> KL { get; init; }

    /// <summary>[rows, 4]: largest and log_z of the student, then of the teacher; kept for the backward pass.</summary>
    public required Span<float> Norms { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Student.Length == Teacher.Length && Norms.Length == 4 * KL.Length);
        int vocabulary = Student.Length / KL.Length;
        for (int row = 0; row < KL.Length; row++)
        {
            ReadOnlySpan<float> student = Student.Slice(row * vocabulary, vocabulary);
            ReadOnlySpan<float> teacher = Teacher.Slice(row * vocabulary, vocabulary);
            Span<float> norms = Norms.Slice(row * 4, 4);
            norms[0] = Reduce.Max<L>(student);
            norms[2] = Reduce.Max<L>(teacher);

            Sums sums = default;
            AddSums<Lanes1>(student, teacher, norms, AddSums<L>(student, teacher, norms, 0, ref sums), ref sums);
            norms[1] = LaneMath.Log(sums.Student);
            norms[3] = LaneMath.Log(sums.Teacher);
            KL[row] = Reverse
                ? sums.Difference / sums.Student - norms[1] + norms[3]
                : sums.Difference / sums.Teacher - norms[3] + norms[1];
        }
    }

    private int AddSums<L>(ReadOnlySpan<float> student, ReadOnlySpan<float> teacher, ReadOnlySpan<float> norms, int i, ref Sums sums)
        where L : struct, ILanes<L>
    {
        L zs = L.Zero, zt = L.Zero, difference = L.Zero;
        L scale = L.Splat(InverseTemperature), maxS = L.Splat(norms[0]), maxT = L.Splat(norms[2]);
        bool reverse = Reverse;
        for (; i <= student.Length - L.Count; i += L.Count)
        {
            L s = (L.Load(student, i) - maxS) * scale, t = (L.Load(teacher, i) - maxT) * scale;
            L es = LaneMath.ExpOfNegative(s), et = LaneMath.ExpOfNegative(t);
            zs += es;
            zt += et;
            // 0 ln 0 is 0: a token that is masked out adds nothing.
            L p = reverse ? es : et, gap = L.Select(L.Equal(p, L.Zero), L.Zero, reverse ? s - t : t - s);
            difference = L.MulAdd(p, gap, difference);
        }

        sums.Student += L.Sum(zs);
        sums.Teacher += L.Sum(zt);
        sums.Difference += L.Sum(difference);
        return i;
    }

    private struct Sums
    {
        public float Student;
        public float Teacher;
        public float Difference;
    }
}

/// <summary>grad_student += g / T * (q - p), or with <see cref="Reverse"/>  g / T * q * (ln q - ln p - KL).</summary>
public readonly ref struct KLDivergenceBackward : ISimdKernel
{
    /// <summary>[rows], g.</summary>
    public required ReadOnlySpan<float> GradKL { get; init; }

    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Student { get; init; }

    /// <summary>[rows, vocabulary]</summary>
    public required ReadOnlySpan<float> Teacher { get; init; }

    /// <summary>1 / T</summary>
    public required float InverseTemperature { get; init; }

    /// <summary>Whether the expectation is under the student.</summary>
    public required bool Reverse { get; init; }

    /// <summary>[rows], from the forward pass.</summary>
    public required ReadOnlySpan<float> KL { get; init; }

    /// <summary>[rows, 4], from the forward pass.</summary>
    public required ReadOnlySpan<float> Norms { get; init; }

    /// <summary>[rows, vocabulary], accumulated.</summary>
    public required Span<float> GradStudent { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int vocabulary = Student.Length / KL.Length;
        for (int row = 0; row < KL.Length; row++)
        {
            if (GradKL[row] == 0f)
                continue;
            ReadOnlySpan<float> student = Student.Slice(row * vocabulary, vocabulary);
            ReadOnlySpan<float> teacher = Teacher.Slice(row * vocabulary, vocabulary);
            Span<float> grad = GradStudent.Slice(row * vocabulary, vocabulary);
            Add<Lanes1>(row, student, teacher, grad, Add<L>(row, student, teacher, grad, 0));
        }
    }

    private int Add<L>(int row, ReadOnlySpan<float> student, ReadOnlySpan<float> teacher, Span<float> grad, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> norms = Norms.Slice(row * 4, 4);
        L scale = L.Splat(InverseTemperature), g = L.Splat(GradKL[row] * InverseTemperature), kl = L.Splat(KL[row]);
        L maxS = L.Splat(norms[0]), logZS = L.Splat(norms[1]), maxT = L.Splat(norms[2]), logZT = L.Splat(norms[3]);
        bool reverse = Reverse;
        for (; i <= student.Length - L.Count; i += L.Count)
        {
            L lnQ = (L.Load(student, i) - maxS) * scale - logZS;
            L lnP = (L.Load(teacher, i) - maxT) * scale - logZT;
            L q = LaneMath.ExpOfNegative(lnQ);
            L gap = L.Select(L.Equal(q, L.Zero), L.Zero, lnQ - lnP - kl);   // a masked token has no gradient
            L slope = reverse ? q * gap : q - LaneMath.ExpOfNegative(lnP);
            L.Store(L.MulAdd(g, slope, L.Load(grad, i)), grad, i);
        }

        return i;
    }
}
