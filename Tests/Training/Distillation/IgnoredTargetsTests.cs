using SpikeEngine.Model;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training.Distillation;

/// <summary>A position without a target counts in no term of a distillation.</summary>
[Collection(Lanes.Name)]
public class IgnoredTargetsTests
{
    private const int Rows = 18;

    private readonly Mamba2LanguageModel _teacher = TinyModels.Dense();

    public static TheoryData<HiddenPoint, HiddenForm> Hidden
    {
        get
        {
            TheoryData<HiddenPoint, HiddenForm> all = [];
            foreach (HiddenPoint point in Enum.GetValues<HiddenPoint>())
            {
                foreach (HiddenForm form in Enum.GetValues<HiddenForm>())
                    all.Add(point, form);
            }

            return all;
        }
    }

    /// <summary>The mean over all is the mean of the means over the two halves.</summary>
    [Theory]
    [MemberData(nameof(Hidden))]
    public void AHiddenLossIsTheMeanOfWhatCounts(HiddenPoint point, HiddenForm form)
    {
        bool[] some = [.. Enumerable.Range(0, Rows).Select(row => row % 3 != 1)], others = [.. some.Select(counts => !counts)];
        (double all, double squares) = Measure(default);
        (double ofSome, double someSquares) = Measure(some);
        (double ofOthers, double otherSquares) = Measure(others);
        double first = some.Count(counts => counts) * someSquares, second = others.Count(counts => counts) * otherSquares;

        Assert.NotEqual(ofSome, ofOthers, 1e-9);
        Assert.Equal(all * Rows * squares, first * ofSome + second * ofOthers, 1e-4 * all * Rows * squares);

        (double Loss, double Squares) Measure(bool[]? mask)
        {
            DistillationOptions options = new() { Hidden = new HiddenOptions { LastOnly = true, Point = point, Form = form } };
            Mamba2LanguageModel student = TinyModels.Student(_teacher);
            ForwardTrace ofStudent = HiddenLosses.Trace(options), ofTeacher = HiddenLosses.Trace(options);
            int[] ids = TinyModels.Tokens(Rows, _teacher.Config.VocabSize);
            student.Hidden(ids, 2, ofStudent);
            _teacher.Hidden(ids, 2, ofTeacher);
            double loss = HiddenLosses.Mean(options.Hidden, ofStudent, student, ofTeacher, _teacher, mask).Item();
            return (loss, form == HiddenForm.Softmax ? 1 : MeanSquare(StateOf(ofTeacher, point), mask));
        }
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public void NothingThatCountsIsNoHiddenLoss(HiddenPoint point, HiddenForm form)
    {
        using Tape tape = Tape.Begin();
        DistillationOptions options = new() { Hidden = new HiddenOptions { Point = point, Form = form } };
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        ForwardTrace ofStudent = HiddenLosses.Trace(options), ofTeacher = HiddenLosses.Trace(options);
        int[] ids = TinyModels.Tokens(Rows, _teacher.Config.VocabSize);
        student.Hidden(ids, 2, ofStudent);
        _teacher.Hidden(ids, 2, ofTeacher);
        Tensor loss = HiddenLosses.Mean(options.Hidden, ofStudent, student, ofTeacher, _teacher, new bool[Rows]);
        tape.Backward(loss);

        Assert.Equal(0f, loss.Item());
        Assert.All(student.Parameters(), p => Assert.All(p.Grad.ToArray(), g => Assert.Equal(0f, g)));
    }

    /// <summary>Logits: what stands at a position that is left out changes neither value nor gradient, live or from disk.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LogitsOfWhatIsLeftOutChangeNothing(bool topK)
    {
        int[] labels = [3, Ops.IgnoredLabel, 0, 6, Ops.IgnoredLabel];
        (float loss, float[] grad) = Run(0f);
        (float other, float[] otherGrad) = Run(5f);

        Assert.Equal(loss, other);
        Assert.Equal(grad, otherGrad);
        Assert.All(grad[4..8].Concat(grad[16..]), g => Assert.Equal(0f, g));
        Assert.Contains(grad, g => g != 0f);

        (float Loss, float[] Grad) Run(float shift)
        {
            using Tape tape = Tape.Begin();
            Tensor x = FiniteDifferences.Normal("x", true, 5, 4), weight = FiniteDifferences.Normal("weight", false, 7, 4);
            Tensor teacher = FiniteDifferences.Normal("teacher", false, 5, 4), teacherWeight = FiniteDifferences.Normal("teacherWeight", false, 7, 4);
            foreach (int row in new[] { 1, 4 })
            {
                x.Values[row * 4] += shift;
                teacher.Values[row * 4 + 1] -= shift;
            }

            Tensor result = topK
                ? Ops.LinearTopKDistillation(
                    x, weight, new[] { 0, 1, 2, 3, 4, 5, 6, 0, 1, 2 }, Enumerable.Range(0, 10).Select(i => -1f - i % 2).ToArray(), labels,
                    new LogitWeights { CrossEntropy = 0.4f }).Loss
                : Ops.LinearDistillation(
                    x, weight, teacher, teacherWeight, labels, new LogitWeights { ReverseShare = 0.5f, CrossEntropy = 0.4f, Temperature = 2f }).Loss;
            tape.Backward(result);
            return (result.Item(), x.Grad.ToArray());
        }
    }

    private Tensor StateOf(ForwardTrace trace, HiddenPoint point) => point switch
    {
        HiddenPoint.Mixer => trace.BlockOutputs[^1],
        HiddenPoint.PreNorm => trace.Residuals[^1],
        _ => _teacher.NormF.Forward(trace.Residuals[^1]),
    };

    private static double MeanSquare(Tensor state, bool[]? mask)
    {
        int columns = state.Columns;
        double sum = 0;
        int[] rows = [.. Enumerable.Range(0, Rows).Where(row => mask?[row] ?? true)];
        foreach (int row in rows)
        {
            foreach (float value in state.Values.Slice(row * columns, columns))
                sum += (double)value * value;
        }

        return sum / (rows.Length * columns);
    }
}
