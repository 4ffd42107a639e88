using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // Below this the rest of the mass is rounding, and its logarithm means nothing.
    private const double LeastRest = 1e-6;

    /// <summary>
    /// KL(p || q) from the k most likely tokens of a teacher, and the cross-entropy: Σ p_i (ln p_i - ln q_i) over the k, and the rest of the mass as
    /// one more token. With k classes it is the divergence itself. The student's logits x Wᵀ are held for a block of rows only.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[classes, inputs]</param>
    /// <param name="ids">[rows, k], the teacher's most likely classes.</param>
    /// <param name="logProbabilities">[rows, k], ln p of each.</param>
    /// <param name="labels">One for each row of x, <see cref="IgnoredLabel"/> to leave it out of all terms.</param>
    /// <param name="weights">The terms; temperature 1, and no reverse divergence, which would need all of the teacher's.</param>
    /// <returns>Means over the rows that count.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, a label or an id is no class, or a weight cannot be.</exception>
    public static LogitLoss LinearTopKDistillation(
        Tensor x, Tensor weight, ReadOnlyMemory<int> ids, ReadOnlyMemory<float> logProbabilities, ReadOnlyMemory<int> labels, LogitWeights weights)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(weights);
        RequireFittingWeight(x, weight.Shape, bias: null);
        int kept = CountLabels(labels.Span, x.Shape, x.Rows, weight.Rows, smoothing: 0f);
        if (weights is not { Temperature: 1f, ReverseShare: 0f })
            throw new ArgumentException("From a teacher's most likely tokens there is only the forward divergence at temperature 1.", nameof(weights));
        if (ids.Length != logProbabilities.Length || ids.Length == 0 || ids.Length % x.Rows != 0)
            throw new ArgumentException($"{ids.Length} ids and {logProbabilities.Length} log-probabilities were given for {x.Rows} rows.", nameof(ids));
        if (ids.Span.IndexOfAnyExceptInRange(0, weight.Rows - 1) is >= 0 and var bad)
            throw new ArgumentException($"Id {ids.Span[bad]}; there are {weight.Rows} classes.", nameof(ids));

        using var timing = Profiler.Time();
        TopKBlocks loss = new(x, weight, ids, logProbabilities, labels, weights, kept);
        RunBlockwise(loss, products: 1);
        (double kl, double crossEntropy) = loss.Means();
        Tensor value = RecordBlockwise(
            loss, weights.KL * kl + weights.CrossEntropy * crossEntropy, [x, weight],
            inDouble: static (s, v) => [s.InDouble(LinearInDouble(v[0], v[1], null, null, s.X.Columns))]);
        return new LogitLoss(value, kl, crossEntropy);
    }

    private sealed class TopKBlocks(
        Tensor x, Tensor weight, ReadOnlyMemory<int> ids, ReadOnlyMemory<float> logProbabilities, ReadOnlyMemory<int> labels, LogitWeights weights, int kept)
        : BlockwiseLoss(x, weight)
    {
        private readonly int _k = ids.Length / x.Rows;
        private readonly Memory<float> _divergences = Workspace.Rent(x.Rows), _crossEntropies = Workspace.Rent(x.Rows);
        private readonly float _share = 1f / Math.Max(1, kept);

        public (double KL, double CrossEntropy) Means()
        {
            double kl = 0, crossEntropy = 0;
            foreach (float one in _divergences.Span)
                kl += one;
            foreach (float one in _crossEntropies.Span)
                crossEntropy += one;
            return (kl * _share, weights.CrossEntropy == 0f ? 0 : crossEntropy * _share);
        }

        public double InDouble(double[] student)
        {
            double sum = 0;
            for (int row = 0; row < labels.Length; row++)
            {
                if (labels.Span[row] == IgnoredLabel)
                    continue;
                double[] lnQ = LnSoftmaxOfRow(student, row, Weight.Rows, 1);
                double kl = 0, restP = 1, restQ = 1;
                for (int i = row * _k; i < (row + 1) * _k; i++)
                {
                    double lnP = logProbabilities.Span[i], p = Math.Exp(lnP);
                    kl += p * (lnP - lnQ[ids.Span[i]]);
                    restP -= p;
                    restQ -= Math.Exp(lnQ[ids.Span[i]]);
                }

                kl += restP > LeastRest ? restP * Math.Log(restP / Math.Max(restQ, LeastRest)) : 0;
                sum += weights.KL * kl - weights.CrossEntropy * lnQ[labels.Span[row]];
            }

            return sum / Math.Max(1, kept);
        }

        protected override void Begin()
        {
        }

        protected override void LossesOf(int first, int rows, Memory<float> logits) => RowParallel.For(
            rows, Grain(Weight.Rows), (all: this, first, logits), static (s, start, end) =>
            {
                for (int row = start; row < end; row++)
                    s.all.Row(s.first + row, s.logits.Span.Slice(row * s.all.Weight.Rows, s.all.Weight.Rows));
            });

        /// <summary>With q = softmax:  grad = w_kl (q - p) within the k, w_kl q (1 - p_rest / q_rest) outside;  plus w_ce (q - onehot).</summary>
        private void Row(int row, Span<float> logits)
        {
            int label = labels.Span[row];
            (_divergences.Span[row], _crossEntropies.Span[row]) = (0f, 0f);
            if (label == IgnoredLabel)
            {
                logits.Clear();
                return;
            }

            Span<float> largest = [0f], logZ = [0f], loss = [0f];
            Simd.Run(new CrossEntropyForward { Logits = logits, Labels = [label], Smoothing = 0f, Loss = loss, Largest = largest, LogZ = logZ });
            _crossEntropies.Span[row] = loss[0];
            ReadOnlySpan<int> best = ids.Span.Slice(row * _k, _k);
            ReadOnlySpan<float> lnP = logProbabilities.Span.Slice(row * _k, _k);
            Span<double> p = _k <= 128 ? stackalloc double[_k] : new double[_k], q = _k <= 128 ? stackalloc double[_k] : new double[_k];
            double kl = 0, restP = 1, restQ = 1;
            for (int i = 0; i < _k; i++)
            {
                double lnQ = (double)logits[best[i]] - largest[0] - logZ[0];
                (p[i], q[i]) = (DoubleMath.Exp(lnP[i]), DoubleMath.Exp(lnQ));
                kl += p[i] * (lnP[i] - lnQ);
                restP -= p[i];
                restQ -= q[i];
            }

            bool hasRest = restP > LeastRest;
            restQ = Math.Max(restQ, LeastRest);
            _divergences.Span[row] = (float)(kl + (hasRest ? restP * DoubleMath.Log(restP / restQ) : 0));
            if (!Differentiates)
                return;

            double outside = weights.KL * (1 - (hasRest ? restP / restQ : 0));
            Simd.Run(new SoftmaxForward { Slab = new Slab(1, logits.Length, 1), X = logits, Y = logits });
            TensorPrimitives.Multiply(logits, (float)(outside + weights.CrossEntropy) * _share, logits);
            for (int i = 0; i < _k; i++)
                logits[best[i]] = (float)(weights.KL * (q[i] - p[i]) + weights.CrossEntropy * q[i]) * _share;
            logits[label] -= weights.CrossEntropy * _share;
        }
    }
}
