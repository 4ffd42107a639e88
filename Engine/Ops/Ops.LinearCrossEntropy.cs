using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // Rows whose logits are there at a time: with a few thousand classes they stay in a cache, and a product of that many sums is efficient.
    private const int LossBlock = 256;

    /// <summary>
    /// CrossEntropy(x Wᵀ) without ever holding all logits: those of some rows are made, turned into losses and at once into gradients, and
    /// forgotten. It costs what the two operations cost one after the other, and of the memory [rows, classes] twice nothing but a block.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[classes, inputs]</param>
    /// <param name="labels">One for each row of x, <see cref="IgnoredLabel"/> to leave it out.</param>
    /// <param name="labelSmoothing">As in <see cref="CrossEntropy"/>.</param>
    /// <returns>[1]: the mean over the rows that count.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, a label is no class, or the smoothing is out of its range.</exception>
    public static Tensor LinearCrossEntropy(Tensor x, Tensor weight, ReadOnlyMemory<int> labels, float labelSmoothing = 0f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias: null);
        int kept = CountLabels(labels.Span, x.Shape, x.Rows, weight.Rows, labelSmoothing);

        using var timing = Profiler.Time();
        bool differentiates = Tape.IsRecording && (x.NeedsGrad || weight.NeedsGrad);
        BlockwiseLoss loss = new(
            x, weight, labels, labelSmoothing, 1f / Math.Max(1, kept), Losses: Workspace.Rent(x.Rows),
            GradX: Workspace.Rent(differentiates && x.NeedsGrad ? x.Count : 0),
            GradWeight: Workspace.Rent(differentiates && weight.NeedsGrad ? weight.Count : 0));

        // A row of its own in profiles: the products of the backward pass are among them, and shall not be counted there again.
        using (Profiler.Time((differentiates ? 6L : 2L) * x.Rows * weight.Count, sizeof(float) * (long)(x.Count + weight.Count), "LinearCrossEntropy in blocks"))
            loss.Run();

        double sum = 0;
        foreach (float one in loss.Losses.Span)
            sum += one;
        return Tape.Record(
            Tensor.From([(float)(sum / Math.Max(1, kept))], 1), [x, weight], loss,
            static (s, y) =>
            {
                AddToGrad(s.X, s.GradX, y.Grad[0]);
                AddToGrad(s.Weight, s.GradWeight, y.Grad[0]);
                Workspace.GiveBack(s.GradX);
                Workspace.GiveBack(s.GradWeight);
            },
            inDouble: static (s, v) => ReduceInDouble(
                CrossEntropyInDouble(LinearInDouble(v[0], v[1], null, null, s.X.Columns), s.Labels, s.Smoothing),
                Reduction.Mean, s.Labels.Span.Length - s.Labels.Span.Count(IgnoredLabel)));
    }

    /// <summary>The losses of all rows, and the gradients of their mean in memory that is not empty, block after block.</summary>
    private sealed record BlockwiseLoss(
        Tensor X, Tensor Weight, ReadOnlyMemory<int> Labels, float Smoothing, float Share,
        Memory<float> Losses, Memory<float> GradX, Memory<float> GradWeight)
    {
        public void Run()
        {
            int inputs = X.Columns, classes = Weight.Rows, block = Math.Min(LossBlock, X.Rows);
            Memory<float> logits = Workspace.RentTemporary(checked(block * classes), out Workspace.Mark mark);
            Memory<float> rowValues = Workspace.RentTemporary(3 * block, out _);
            Memory<float> forward = Workspace.RentTemporary(PackPanels.Length(inputs, classes), out _);
            MatrixProduct.Pack(Weight.MatrixTransposed(inputs), inputs, classes, forward);
            Memory<float> backward = Workspace.RentTemporary(GradX.IsEmpty ? 0 : PackPanels.Length(classes, inputs), out _);
            if (!GradX.IsEmpty)
                MatrixProduct.Pack(Weight.Matrix(inputs), classes, inputs, backward);

            for (int first = 0; first < X.Rows; first += block)
            {
                int rows = Math.Min(block, X.Rows - first);
                MatrixView x = new(X.ValueMemory[(first * inputs)..], new MatrixLayout(inputs, Transposed: false));
                MatrixView grad = new(logits, new MatrixLayout(classes, Transposed: false));
                MatrixProduct.TimesPacked(rows, classes, inputs, x, forward, logits, default);
                LossesOf(first, rows, logits, rowValues);
                if (!GradX.IsEmpty)
                    MatrixProduct.TimesPacked(rows, inputs, classes, grad, backward, GradX[(first * inputs)..], default);
                if (!GradWeight.IsEmpty)
                    MatrixProduct.Run(classes, inputs, rows, grad.Transpose, x, GradWeight, accumulate: first > 0);
            }

            mark.Release();
        }

        /// <summary>Losses of some rows; their logits become gradients when those are wanted.</summary>
        private void LossesOf(int first, int rows, Memory<float> logits, Memory<float> rowValues)
        {
            bool differentiates = !GradX.IsEmpty || !GradWeight.IsEmpty;
            RowParallel.For(rows, Grain(Weight.Rows), (all: this, first, logits, rowValues, differentiates), static (s, start, end) =>
            {
                int classes = s.all.Weight.Rows, block = s.rowValues.Length / 3;
                Span<float> logits = s.logits.Span[(start * classes)..(end * classes)], values = s.rowValues.Span;
                Span<float> largest = values[start..end], logZ = values[(block + start)..(block + end)], grads = values[(2 * block + start)..(2 * block + end)];
                ReadOnlySpan<int> labels = s.all.Labels.Span[(s.first + start)..(s.first + end)];
                Simd.Run(new CrossEntropyForward
                {
                    Logits = logits, Labels = labels, Smoothing = s.all.Smoothing, Loss = s.all.Losses.Span[(s.first + start)..(s.first + end)],
                    Largest = largest, LogZ = logZ,
                });
                if (!s.differentiates)
                    return;
                grads.Fill(s.all.Share);
                Simd.Run(new CrossEntropyBackward
                {
                    GradLoss = grads, Logits = logits, Labels = labels, Smoothing = s.all.Smoothing, Largest = largest, LogZ = logZ,
                    GradLogits = logits, Overwrites = true,
                });
            });
        }
    }
}
