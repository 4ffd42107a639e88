using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// The divergence between the logits x Wᵀ of a student and those of a teacher, and the cross-entropy, without ever holding the logits of
    /// either for more than a block of rows. No gradient reaches the teacher.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[classes, inputs]</param>
    /// <param name="teacherX">[..., teacher's inputs], as many rows.</param>
    /// <param name="teacherWeight">[classes, teacher's inputs]</param>
    /// <param name="labels">One for each row of x, <see cref="IgnoredLabel"/> to leave it out of all terms.</param>
    /// <param name="weights">The terms.</param>
    /// <returns>Means over the rows that count.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, a label is no class, or a weight is out of its range.</exception>
    public static LogitLoss LinearDistillation(
        Tensor x, Tensor weight, Tensor teacherX, Tensor teacherWeight, ReadOnlyMemory<int> labels, LogitWeights weights)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(teacherX);
        ArgumentNullException.ThrowIfNull(teacherWeight);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weights.Temperature, "Temperature");
        if (!(weights.ReverseShare is >= 0f and <= 1f))
            throw new ArgumentOutOfRangeException(nameof(weights), weights.ReverseShare, "The share of the reverse divergence is from 0 to 1.");
        RequireFittingWeight(x, weight.Shape, bias: null);
        RequireFittingWeight(teacherX, teacherWeight.Shape, bias: null);
        if (teacherX.Rows != x.Rows || teacherWeight.Rows != weight.Rows)
            throw new ArgumentException($"The student has {x.Rows} rows of {weight.Rows} classes, the teacher {teacherX.Rows} of {teacherWeight.Rows}.", nameof(teacherX));
        int kept = CountLabels(labels.Span, x.Shape, x.Rows, weight.Rows, smoothing: 0f);

        using var timing = Profiler.Time();
        DistillationBlocks loss = new(x, weight, teacherX, teacherWeight, labels, weights, kept);
        RunBlockwise(loss, products: 2);
        (double kl, double crossEntropy) = loss.Means();
        Tensor value = RecordBlockwise(
            loss, weights.KL * kl + weights.CrossEntropy * crossEntropy, [x, weight],
            inDouble: static (s, v) => [s.InDouble(LinearInDouble(v[0], v[1], null, null, s.X.Columns))]);
        return new LogitLoss(value, kl, crossEntropy);
    }

    private sealed class DistillationBlocks(
        Tensor x, Tensor weight, Tensor teacherX, Tensor teacherWeight, ReadOnlyMemory<int> labels, LogitWeights weights, int kept) : BlockwiseLoss(x, weight)
    {
        private const int ValuesPerRow = 8;   // two divergences, four norms, largest and log_z of the cross-entropy

        private readonly Memory<float> _divergences = Workspace.Rent(x.Rows), _crossEntropies = Workspace.Rent(x.Rows);
        private readonly float _share = 1f / Math.Max(1, kept);
        private Memory<float> _teacherPanels, _teacherLogits, _grads, _rowValues;

        /// <summary>Means over the rows that count.</summary>
        public (double KL, double CrossEntropy) Means()
        {
            double kl = 0, crossEntropy = 0;
            for (int row = 0; row < labels.Length; row++)
            {
                if (labels.Span[row] == IgnoredLabel)
                    continue;
                kl += _divergences.Span[row];
                crossEntropy += weights.CrossEntropy == 0f ? 0 : _crossEntropies.Span[row];
            }

            return (kl * _share, crossEntropy * _share);
        }

        /// <summary>The loss of the student's logits, naively.</summary>
        public double InDouble(double[] student)
        {
            double[] teacher = LinearInDouble(teacherX.InDouble(), teacherWeight.InDouble(), null, null, teacherX.Columns);
            double[] forward = KLDivergenceInDouble(student, teacher, Weight.Rows, weights.Temperature, reverse: false);
            double[] reverse = KLDivergenceInDouble(student, teacher, Weight.Rows, weights.Temperature, reverse: true);
            double[] crossEntropy = CrossEntropyInDouble(student, labels, 0f);
            double sum = 0;
            for (int row = 0; row < labels.Length; row++)
            {
                if (labels.Span[row] != IgnoredLabel)
                    sum += weights.KL * ((1 - weights.ReverseShare) * forward[row] + weights.ReverseShare * reverse[row]) + weights.CrossEntropy * crossEntropy[row];
            }

            return sum / Math.Max(1, kept);
        }

        protected override void Begin()
        {
            int inputs = teacherX.Columns, classes = Weight.Rows;
            _teacherPanels = Workspace.RentTemporary(PackPanels.Length(inputs, classes), out _);
            MatrixProduct.Pack(teacherWeight.MatrixTransposed(inputs), inputs, classes, _teacherPanels);
            _teacherLogits = Workspace.RentTemporary(BlockRows * classes, out _);
            _grads = Workspace.RentTemporary(Differentiates ? BlockRows * classes : 0, out _);
            _rowValues = Workspace.RentTemporary(ValuesPerRow * BlockRows, out _);
        }

        protected override void LossesOf(int first, int rows, Memory<float> logits)
        {
            int inputs = teacherX.Columns;
            MatrixView teacher = new(teacherX.ValueMemory[(first * inputs)..], new MatrixLayout(inputs, Transposed: false));
            MatrixProduct.TimesPacked(rows, Weight.Rows, inputs, teacher, _teacherPanels, _teacherLogits, default);
            RowParallel.For(rows, Grain(2 * Weight.Rows), (all: this, first, logits), static (s, start, end) => s.all.Piece(s.first, start, end, s.logits.Span));
        }

        private void Piece(int first, int start, int end, Span<float> allLogits)
        {
            int classes = Weight.Rows, rows = end - start;
            Rows piece = new()
            {
                Logits = allLogits[(start * classes)..(end * classes)],
                Teacher = _teacherLogits.Span[(start * classes)..(end * classes)],
                Grads = Differentiates ? _grads.Span[(start * classes)..(end * classes)] : [],
                Labels = labels.Span[(first + start)..(first + end)],
                Values = _rowValues.Span.Slice(ValuesPerRow * start, ValuesPerRow * rows),
            };
            Span<float> divergences = _divergences.Span[(first + start)..(first + end)];
            divergences.Clear();
            piece.Grads.Clear();
            if (weights.ReverseShare < 1f)
                AddDivergence(piece, 1f - weights.ReverseShare, reverse: false, divergences);
            if (weights.ReverseShare > 0f)
                AddDivergence(piece, weights.ReverseShare, reverse: true, divergences);
            if (weights.CrossEntropy != 0f)
                AddCrossEntropy(piece, _crossEntropies.Span[(first + start)..(first + end)]);
            piece.Grads.CopyTo(piece.Logits);
        }

        private void AddDivergence(Rows piece, float share, bool reverse, Span<float> divergences)
        {
            int rows = piece.Labels.Length;
            float square = weights.Temperature * weights.Temperature, inverse = 1f / weights.Temperature;
            Span<float> kl = piece.Values[..rows], rowGrads = piece.Values.Slice(rows, rows), norms = piece.Values.Slice(2 * rows, 4 * rows);
            Simd.Run(new KLDivergenceForward
            {
                Student = piece.Logits, Teacher = piece.Teacher, InverseTemperature = inverse, Reverse = reverse, KL = kl, Norms = norms,
            });
            for (int row = 0; row < rows; row++)
            {
                bool counts = piece.Labels[row] != IgnoredLabel;
                divergences[row] += counts ? share * square * kl[row] : 0f;
                rowGrads[row] = counts ? weights.KL * share * square * _share : 0f;
            }

            if (Differentiates)
            {
                Simd.Run(new KLDivergenceBackward
                {
                    GradKL = rowGrads, Student = piece.Logits, Teacher = piece.Teacher, InverseTemperature = inverse, Reverse = reverse, KL = kl, Norms = norms,
                    GradStudent = piece.Grads,
                });
            }
        }

        private void AddCrossEntropy(Rows piece, Span<float> losses)
        {
            int rows = piece.Labels.Length;
            Span<float> largest = piece.Values.Slice(6 * rows, rows), logZ = piece.Values.Slice(7 * rows, rows), rowGrads = piece.Values.Slice(rows, rows);
            Simd.Run(new CrossEntropyForward { Logits = piece.Logits, Labels = piece.Labels, Smoothing = 0f, Loss = losses, Largest = largest, LogZ = logZ });
            rowGrads.Fill(weights.CrossEntropy * _share);
            if (Differentiates)
            {
                Simd.Run(new CrossEntropyBackward
                {
                    GradLoss = rowGrads, Logits = piece.Logits, Labels = piece.Labels, Smoothing = 0f, Largest = largest, LogZ = logZ, GradLogits = piece.Grads,
                });
            }
        }

        /// <summary>Some rows of a block.</summary>
        private readonly ref struct Rows
        {
            public required Span<float> Logits { get; init; }

            public required ReadOnlySpan<float> Teacher { get; init; }

            public required Span<float> Grads { get; init; }

            public required ReadOnlySpan<int> Labels { get; init; }

            public required Span<float> Values { get; init; }
        }
    }
}
