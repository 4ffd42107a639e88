namespace SpikeEngine.Kernels;

/// <summary>Operands of a function of two.</summary>
[Flags]
public enum Operands
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>The first.</summary>
    A = 1,

    /// <summary>The second.</summary>
    B = 2,

    /// <summary>Both.</summary>
    Both = A | B,
}

/// <summary>An element-wise function of two arguments without a gradient, as a comparison.</summary>
public interface IBinaryFunction
{
    /// <summary>y = f(a, b).</summary>
    L Value<L>(L a, L b)
        where L : struct, ILanes<L>;
}

/// <summary>A function of two arguments: a formula and two slopes, from which broadcasting and both directions follow.</summary>
public interface IBinaryOp : IBinaryFunction
{
    /// <summary>What <see cref="SlopeA"/> depends on; the rest is not read.</summary>
    static virtual Operands SlopeAReads => Operands.Both;

    /// <summary>What <see cref="SlopeB"/> depends on; the rest is not read.</summary>
    static virtual Operands SlopeBReads => Operands.Both;

    /// <summary>∂f/∂a.</summary>
    L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L>;

    /// <summary>∂f/∂b.</summary>
    L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L>;
}

/// <summary>y = f(a, b), element by element.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct BinaryForward<TOp> : ISimdKernel
    where TOp : struct, IBinaryFunction
{
    /// <summary>The function's constants, if it has any.</summary>
    public TOp Op { get; init; }

    /// <summary>The part of <see cref="Y"/> to compute, and where its operands are.</summary>
    public required Broadcast Plan { get; init; }

    /// <summary>The whole first operand.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>The whole second operand.</summary>
    public required ReadOnlySpan<float> B { get; init; }

    /// <summary>The whole result; may be the same memory as an operand of its shape.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        if (Plan[0].Step.A != 0)
            Run<L, Varying>();
        else
            Run<L, Repeated>();
    }

    private void Run<L, TA>()
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
    {
        if (Plan[0].Step.B != 0)
            Run<L, TA, Varying>();
        else
            Run<L, TA, Repeated>();
    }

    private void Run<L, TA, TB>()
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun
    {
        Broadcast plan = Plan;
        int n = plan[0].Size;
        foreach (Place at in plan)
        {
            ReadOnlySpan<float> a = A.Slice(at.A, TA.IsVarying ? n : 1), b = B.Slice(at.B, TB.IsVarying ? n : 1);
            Span<float> y = Y.Slice(at.Y, n);
            Apply<Lanes1, TA, TB>(Op, a, b, y, Apply<L, TA, TB>(Op, a, b, y, 0));
        }
    }

    private static int Apply<L, TA, TB>(TOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y, int i)
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun
    {
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(op.Value(TA.At<L>(a, i), TB.At<L>(b, i)), y, i);
        return i;
    }
}

/// <summary>grad_a += grad_y * ∂f/∂a, summed where a is broadcast. For b it takes the <see cref="Swapped{TOp}"/> function.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct BinaryBackward<TOp> : ISimdKernel
    where TOp : struct, IBinaryOp
{
    /// <summary>The function's constants, if it has any.</summary>
    public TOp Op { get; init; }

    /// <summary>The part of <see cref="GradY"/> to pass on, and where its operands are.</summary>
    public required Broadcast Plan { get; init; }

    /// <summary>The whole first operand.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>The whole second operand.</summary>
    public required ReadOnlySpan<float> B { get; init; }

    /// <summary>The whole gradient of the result.</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>The whole gradient of the first operand, accumulated.</summary>
    public required Span<float> GradA { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        if (Plan[0].Step.A != 0)
            Run<L, Varying>();
        else
            Run<L, Repeated>();
    }

    private void Run<L, TA>()
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
    {
        if (Plan[0].Step.B != 0)
            Run<L, TA, Varying>();
        else
            Run<L, TA, Repeated>();
    }

    private void Run<L, TA, TB>()
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun
    {
        Broadcast plan = Plan;
        int n = plan[0].Size;
        foreach (Place at in plan)
        {
            ReadOnlySpan<float> a = A.Slice(at.A, TA.IsVarying ? n : 1), b = B.Slice(at.B, TB.IsVarying ? n : 1);
            ReadOnlySpan<float> gradY = GradY.Slice(at.Y, n);
            if (TA.IsVarying)
            {
                Span<float> gradA = GradA.Slice(at.A, n);
                Pass<Lanes1, TA, TB>(Op, a, b, gradY, gradA, Pass<L, TA, TB>(Op, a, b, gradY, gradA, 0));
            }
            else
            {
                float sum = Sum<L, TA, TB>(Op, a, b, gradY, 0, out int done);
                GradA[at.A] += sum + Sum<Lanes1, TA, TB>(Op, a, b, gradY, done, out _);
            }
        }
    }

    private static int Pass<L, TA, TB>(
        TOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> gradY, Span<float> gradA, int i)
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun
    {
        for (; i <= gradY.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(gradY, i), Slope<L, TA, TB>(op, a, b, i), L.Load(gradA, i)), gradA, i);
        return i;
    }

    private static float Sum<L, TA, TB>(
        TOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> gradY, int i, out int done)
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun
    {
        L sum = L.Zero;
        for (; i <= gradY.Length - L.Count; i += L.Count)
            sum = L.MulAdd(L.Load(gradY, i), Slope<L, TA, TB>(op, a, b, i), sum);
        done = i;
        return L.Sum(sum);
    }

    private static L Slope<L, TA, TB>(TOp op, ReadOnlySpan<float> a, ReadOnlySpan<float> b, int i)
        where L : struct, ILanes<L>
        where TA : struct, IOperandRun
        where TB : struct, IOperandRun => op.SlopeA(
            (TOp.SlopeAReads & Operands.A) != 0 ? TA.At<L>(a, i) : L.Zero,
            (TOp.SlopeAReads & Operands.B) != 0 ? TB.At<L>(b, i) : L.Zero);
}
