using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// The operations on tensors, one file each: shapes are checked once, the kernel runs over rows in parallel, and the
/// backward pass is recorded on the open <see cref="Tape"/>, if there is one.
/// </summary>
public static partial class Ops
{
    private const int LeastSummedRows = 16;

    // A piece of work should take some microseconds: this many floats of one operand.
    private const int PieceFloats = 16_384;

    /// <summary>Rows in a piece of work, from the length of a row alone: never from the number of threads.</summary>
    internal static int Grain(int columns) => Math.Max(1, PieceFloats / Math.Max(1, columns));

    /// <summary>
    /// Rows in a piece of work that also sums over rows: every piece has a row of sums that is cleared, written and read once more.
    /// </summary>
    private static int SumGrain(int columns) => Math.Max(LeastSummedRows, Grain(columns));

    /// <summary>
    /// Prepares the gradient of x for pieces that each add to a part of their own, together to all of it. True: nothing has been added
    /// yet, and <see cref="GradPart"/> clears each part right before: in the cache that costs next to nothing, whereas setting all of
    /// it to zero ahead is one more pass over memory.
    /// </summary>
    private static bool ClearsInParts(Tensor x) => x.NeedsGrad && !x.ClaimGrad();

    /// <summary>
    /// Makes room for the gradients that a parallel backward pass adds to. They come from the workspace of the calling
    /// thread, so the workers must not be the first to ask.
    /// </summary>
    private static void PrepareGrads(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
            _ = tensor is null ? default : tensor.Grad;
    }

    /// <summary>grad_x += factor * source, when x wants a gradient.</summary>
    private static void AddToGrad(Tensor x, Memory<float> source, float factor = 1f)
    {
        if (!x.NeedsGrad)
            return;
        bool isFirst = ClearsInParts(x);
        RowParallel.For(x.Count, PieceFloats, (x, source, factor, isFirst), static (s, start, end) => Simd.Run(new AddScaled
        {
            X = s.source.Span[start..end],
            Scale = s.factor,
            Y = s.x.GradPart(start, end, s.isFirst),
        }));
    }

    /// <summary>Values of the rows [start, end).</summary>
    private static Span<float> Rows(this Tensor tensor, int start, int end) =>
        tensor.Values[(start * tensor.Columns)..(end * tensor.Columns)];

    /// <summary>Gradient of the rows [start, end); empty when nobody asked for it.</summary>
    private static Span<float> GradRows(this Tensor tensor, int start, int end) =>
        tensor.NeedsGrad ? tensor.Grad[(start * tensor.Columns)..(end * tensor.Columns)] : [];

    /// <summary>Elements [start, end) of the gradient, zeros if they are the first to be added to; empty when nobody asked for it.</summary>
    private static Span<float> GradPart(this Tensor tensor, int start, int end, bool isFirst)
    {
        if (!tensor.NeedsGrad)
            return [];
        Span<float> part = tensor.Grad[start..end];
        if (isFirst)
            part.Clear();
        return part;
    }

    /// <summary>As <see cref="GradPart"/>, of the rows [start, end).</summary>
    private static Span<float> GradRows(this Tensor tensor, int start, int end, bool isFirst) =>
        tensor.GradPart(start * tensor.Columns, end * tensor.Columns, isFirst);

    private static void RequireSameShape(Tensor a, string nameOfA, Tensor b, string nameOfB)
    {
        if (a.Shape != b.Shape)
            throw new ArgumentException($"{nameOfA} is {a.Shape}, {nameOfB} is {b.Shape}; they must be equal.");
    }

    private static void RequireLength(Tensor vector, string name, int length, Tensor x, string nameOfX)
    {
        if (vector.Count != length)
            throw new ArgumentException($"{name} is {vector.Shape}, {nameOfX} is {x.Shape}: {name} must have {length} elements.");
    }
}
