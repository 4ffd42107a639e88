using System.Runtime.CompilerServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
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
        CrossEntropyBlocks loss = new(x, weight, labels, labelSmoothing, kept);
        RunBlockwise(loss, products: 1);
        return RecordBlockwise(
            loss, loss.Sum() / Math.Max(1, kept), [x, weight],
            inDouble: static (s, v) => ReduceInDouble(
                CrossEntropyInDouble(LinearInDouble(v[0], v[1], null, null, s.X.Columns), s.Labels, s.Smoothing),
                Reduction.Mean, s.Labels.Span.Length - s.Labels.Span.Count(IgnoredLabel)));
    }

    /// <summary>Runs a loss in a row of its own in profiles: the products of the backward pass are among it, and shall not be counted there again.</summary>
    private static void RunBlockwise(BlockwiseLoss loss, int products, [CallerMemberName] string op = "")
    {
        bool differentiates = !loss.GradX.IsEmpty || !loss.GradWeight.IsEmpty;
        using (Profiler.Time(
            (differentiates ? 4L + 2L * products : 2L * products) * loss.X.Rows * loss.Weight.Count,
            sizeof(float) * (long)products * (loss.X.Count + loss.Weight.Count), op + " in blocks"))
            loss.Run();
    }

    private static Tensor RecordBlockwise<TLoss>(
        TLoss loss, double value, ReadOnlySpan<Tensor> inputs, Func<TLoss, double[][], double[]> inDouble, [CallerMemberName] string op = "")
        where TLoss : BlockwiseLoss => Tape.Record(
            Tensor.From([(float)value], 1), inputs, (loss, inDouble),
            static (s, y) =>
            {
                AddToGrad(s.loss.X, s.loss.GradX, y.Grad[0]);
                AddToGrad(s.loss.Weight, s.loss.GradWeight, y.Grad[0]);
                Workspace.GiveBack(s.loss.GradX);
                Workspace.GiveBack(s.loss.GradWeight);
            },
            inDouble: static (s, v) => s.inDouble(s.loss, v), op: op);

    private sealed class CrossEntropyBlocks(Tensor x, Tensor weight, ReadOnlyMemory<int> labels, float smoothing, int kept) : BlockwiseLoss(x, weight)
    {
        private readonly Memory<float> _losses = Workspace.Rent(x.Rows);
        private readonly float _share = 1f / Math.Max(1, kept);
        private Memory<float> _rowValues;

        public ReadOnlyMemory<int> Labels => labels;

        public float Smoothing => smoothing;

        public double Sum()
        {
            double sum = 0;
            foreach (float one in _losses.Span)
                sum += one;
            return sum;
        }

        protected override void Begin() => _rowValues = Workspace.RentTemporary(3 * BlockRows, out _);

        protected override void LossesOf(int first, int rows, Memory<float> logits) =>
            RowParallel.For(rows, Grain(Weight.Rows), (all: this, first, logits), static (s, start, end) =>
            {
                int classes = s.all.Weight.Rows, block = s.all.BlockRows;
                Span<float> logits = s.logits.Span[(start * classes)..(end * classes)], values = s.all._rowValues.Span;
                Span<float> largest = values[start..end], logZ = values[(block + start)..(block + end)], grads = values[(2 * block + start)..(2 * block + end)];
                ReadOnlySpan<int> labels = s.all.Labels.Span[(s.first + start)..(s.first + end)];
                Simd.Run(new CrossEntropyForward
                {
                    Logits = logits, Labels = labels, Smoothing = s.all.Smoothing, Loss = s.all._losses.Span[(s.first + start)..(s.first + end)],
                    Largest = largest, LogZ = logZ,
                });
                if (!s.all.Differentiates)
                    return;
                grads.Fill(s.all._share);
                Simd.Run(new CrossEntropyBackward
                {
                    GradLoss = grads, Logits = logits, Labels = labels, Smoothing = s.all.Smoothing, Largest = largest, LogZ = logZ,
                    GradLogits = logits, Overwrites = true,
                });
            });
    }
}
