namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Reductions() =>
    [
        new("Sum", t => Ops.Sum(t[0]), [[3, 29]], [[70_001]]),
        new("Sum rows", t => Ops.Sum(t[0], -1), [[3, 137]], [[500, 129]]),
        new("Sum columns", t => Ops.Sum(t[0], 0), [[35, 37]], [[500, 129]]),
        new("Sum middle", t => Ops.Sum(t[0], 1, keepDims: true), [[2, 5, 19]], [[3, 90, 300]]),
        new("Sum apart", t => Ops.Sum(t[0], [0, 2]), [[3, 4, 5]], [[20, 30, 40]]),
        new("Mean", t => Ops.Mean(t[0]), [[3, 29]], [[70_001]]),
        new("Mean apart", t => Ops.Mean(t[0], [0, -1]), [[3, 4, 5]], [[20, 30, 40]]),
        new("Max", t => Ops.Max(t[0], -1), [[3, 47]], [[500, 129]]),
        new("Max all", t => Ops.Max(t[0]), [[3, 29]], [[70_001]]),
        new("Max middle", t => Ops.Max(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("Max apart", t => Ops.Max(t[0], [0, 2]), [[3, 4, 5]], [[20, 30, 40]]),
        new("Min", t => Ops.Min(t[0], -1), [[3, 47]], [[500, 129]]),
        new("Min columns", t => Ops.Min(t[0], 0), [[5, 19]], [[500, 129]]),
        new("LogSumExp", t => Ops.LogSumExp(t[0], -1), [[3, 47]], [[500, 129]]),
        new("LogSumExp all", t => Ops.LogSumExp(t[0]), [[3, 29]], [[70_001]]),
        new("LogSumExp middle", t => Ops.LogSumExp(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("Variance", t => Ops.Variance(t[0], -1), [[3, 47]], [[500, 129]]),
        new("Variance all", t => Ops.Variance(t[0], correction: 0), [[3, 29]], [[70_001]]),
        new("Variance columns", t => Ops.Variance(t[0], 0), [[5, 39]], [[500, 129]]),
        new("Variance apart", t => Ops.Variance(t[0], [0, 2], keepDims: true), [[3, 4, 5]], [[20, 30, 40]]),
        new("Std", t => Ops.Std(t[0], -1), [[3, 47]], [[500, 129]]),
        new("Std apart", t => Ops.Std(t[0], [0, 2], correction: 0), [[3, 4, 5]], [[20, 30, 40]]),
        new("Norm", t => Ops.Norm(t[0]), [[3, 29]], [[70_001]]),
        new("Norm middle", t => Ops.Norm(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("Prod", t => Ops.Prod(t[0], -1), [[3, 37]], [[500, 129]]),
        new("Prod middle", t => Ops.Prod(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("Softmax", t => Ops.Softmax(t[0]), [[3, 47]], [[500, 129]]),
        new("Softmax middle", t => Ops.Softmax(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("LogSoftmax", t => Ops.LogSoftmax(t[0]), [[3, 47]], [[500, 129]]),
        new("LogSoftmax middle", t => Ops.LogSoftmax(t[0], 1), [[2, 5, 19]], [[3, 90, 300]]),
        new("SelectiveLogSoftmax", t => Ops.SelectiveLogSoftmax(t[0], Ids(t[0])), [[2, 2, 47]], [[500, 129]]),
        new("SumRuns", t => Ops.SumRuns(t[0], Runs(t[0].Count)), [[29]], [[70_001]]),
        new("CumSum", t => Ops.CumSum(t[0]), [[3, 29]], [[500, 129]]),
        new("CumSum reverse", t => Ops.CumSum(t[0], 0, reverse: true), [[5, 19]], [[500, 129]]),
        new("SegSum", t => Ops.Exp(Ops.SegSum(t[0])), [[3, 11]], [[20, 40]]),
    ];

    private static OpRow[] MatMul() =>
    [
        new("MatMul", t => Ops.MatMul(t[0], t[1]), [[7, 19], [19, 5]], [[300, 129], [129, 65]]),
        new("MatMul transposed", t => Ops.MatMul(t[0], t[1], true, true), [[19, 7], [5, 19]], [[129, 300], [65, 129]]),
        new("MatMul batch", t => Ops.MatMul(t[0], t[1]), [[2, 3, 4, 9], [2, 3, 9, 6]], [[20, 33, 17], [20, 17, 41]]),
        new("MatMul attention", t => Ops.MatMul(t[0], t[1], transposeB: true), [[5, 4, 9], [5, 6, 9]], [[3, 130, 65], [3, 140, 65]]),
        new("MatMul broadcast", t => Ops.MatMul(t[0], t[1], transposeA: true), [[2, 1, 4, 5], [3, 4, 6]], [[7, 1, 17, 33], [9, 17, 41]]),
        new("MatMul shared", t => Ops.MatMul(t[0], t[1]), [[4, 5, 8], [8, 3]], [[9, 40, 65], [65, 33]]),
        new("MatMul vector left", t => Ops.MatMul(t[0], t[1]), [[6], [2, 6, 5]], [[129], [9, 129, 65]]),
        new("MatMul vector right", t => Ops.MatMul(t[0], t[1]), [[2, 5, 7], [7]], [[9, 65, 129], [129]]),
        new("MatMul dot", t => Ops.MatMul(t[0], t[1]), [[33], [33]], [[70_001], [70_001]]),
    ];

    /// <summary>Lengths of 0, 1, 2 and so on, the last one as long as it takes.</summary>
    private static int[] Runs(int count) => [0, 1, 2, 3, 4, 5, count - 15];

    /// <summary>An id for each row, one of them to be ignored.</summary>
    private static int[] Ids(Tensor logits)
    {
        SeededRandom random = new(3, "ids");
        int[] ids = [.. Enumerable.Range(0, logits.Rows).Select(_ => random.NextInt(logits.Columns))];
        ids[1] = Ops.IgnoredLabel;
        return ids;
    }
}
