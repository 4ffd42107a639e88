namespace SpikeEngine.Kernels;

/// <summary>
/// With p = softmax(student), q = softmax(teacher), δ = p - q, for each row:  loss = ½ Σ δ²,  pull = Σ δ p
/// (SpikingMamba, hidden-state term of the distillation loss).
/// </summary>
public readonly ref struct HiddenLossForward : ISimdKernel
{
    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Student { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Teacher { get; init; }

    /// <summary>[rows]</summary>
    public required Span<float> Loss { get; init; }

    /// <summary>[rows], kept for the backward pass.</summary>
    public required Span<float> Pull { get; init; }

    /// <summary>[rows, 4]: largest and log_z of the student, then of the teacher; kept for the backward pass.</summary>
    public required Span<float> Norms { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int dim = Student.Length / Loss.Length;
        for (int row = 0; row < Loss.Length; row++)
        {
            ReadOnlySpan<float> student = Student.Slice(row * dim, dim), teacher = Teacher.Slice(row * dim, dim);
            Span<float> norms = Norms.Slice(row * 4, 4);
            norms[0] = Reduce.Max<L>(student);
            norms[1] = Softmax.LogZ<L>(student, norms[0]);
            norms[2] = Reduce.Max<L>(teacher);
            norms[3] = Softmax.LogZ<L>(teacher, norms[2]);

            float squares = 0f, pull = 0f;
            int done = AddSums<L>(student, teacher, norms, 0, ref squares, ref pull);
            AddSums<Lanes1>(student, teacher, norms, done, ref squares, ref pull);
            Loss[row] = 0.5f * squares;
            Pull[row] = pull;
        }
    }

    private static int AddSums<L>(
        ReadOnlySpan<float> student, ReadOnlySpan<float> teacher, ReadOnlySpan<float> norms, int i, ref float squares, ref float pull)
        where L : struct, ILanes<L>
    {
        L sumOfSquares = L.Zero, sumOfPulls = L.Zero;
        L maxS = L.Splat(norms[0]), logZS = L.Splat(norms[1]), maxT = L.Splat(norms[2]), logZT = L.Splat(norms[3]);
        for (; i <= student.Length - L.Count; i += L.Count)
        {
            L p = LaneMath.ExpOfNegative(L.Load(student, i) - maxS - logZS);
            L difference = p - LaneMath.ExpOfNegative(L.Load(teacher, i) - maxT - logZT);
            sumOfSquares = L.MulAdd(difference, difference, sumOfSquares);
            sumOfPulls = L.MulAdd(difference, p, sumOfPulls);
        }

        squares += L.Sum(sumOfSquares);
        pull += L.Sum(sumOfPulls);
        return i;
    }
}

/// <summary>grad_student += g * p * (δ - pull)</summary>
public readonly ref struct HiddenLossBackward : ISimdKernel
{
    /// <summary>[rows], g.</summary>
    public required ReadOnlySpan<float> GradLoss { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Student { get; init; }

    /// <summary>[rows, dim]</summary>
    public required ReadOnlySpan<float> Teacher { get; init; }

    /// <summary>[rows], from the forward pass.</summary>
    public required ReadOnlySpan<float> Pull { get; init; }

    /// <summary>[rows, 4], from the forward pass.</summary>
    public required ReadOnlySpan<float> Norms { get; init; }

    /// <summary>[rows, dim], accumulated.</summary>
    public required Span<float> GradStudent { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int dim = Student.Length / Pull.Length;
        for (int row = 0; row < Pull.Length; row++)
        {
            if (GradLoss[row] == 0f)
                continue;
            ReadOnlySpan<float> student = Student.Slice(row * dim, dim), teacher = Teacher.Slice(row * dim, dim);
            Span<float> grad = GradStudent.Slice(row * dim, dim);
            Add<Lanes1>(row, student, teacher, grad, Add<L>(row, student, teacher, grad, 0));
        }
    }

    private int Add<L>(int row, ReadOnlySpan<float> student, ReadOnlySpan<float> teacher, Span<float> grad, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> norms = Norms.Slice(row * 4, 4);
        L g = L.Splat(GradLoss[row]), pull = L.Splat(Pull[row]);
        L maxS = L.Splat(norms[0]), logZS = L.Splat(norms[1]), maxT = L.Splat(norms[2]), logZT = L.Splat(norms[3]);
        for (; i <= student.Length - L.Count; i += L.Count)
        {
            L p = LaneMath.ExpOfNegative(L.Load(student, i) - maxS - logZS);
            L difference = p - LaneMath.ExpOfNegative(L.Load(teacher, i) - maxT - logZT);
            L.Store(L.MulAdd(g * p, difference - pull, L.Load(grad, i)), grad, i);
        }

        return i;
    }
}
