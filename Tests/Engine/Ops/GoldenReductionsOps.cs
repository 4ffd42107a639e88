using static SpikeEngine.Tests.Engine.GoldenOpRunner;

namespace SpikeEngine.Tests.Engine;

/// <summary>Reductions, softmax and running sums.</summary>
internal static class GoldenReductionsOps
{
    public static Dictionary<string, Action<GoldenCase>> Rows { get; } = new()
    {
        ["softmax"] = g => Check(g, ["x"], t => [("y", Ops.Softmax(t["x"], (int)Number(g, "axis")))]),
        ["log_softmax"] = g => Check(g, ["x"], t => [("y", Ops.LogSoftmax(t["x"], (int)Number(g, "axis")))]),
        ["logsumexp"] = g => Check(g, ["x"], t => [("y", Ops.LogSumExp(t["x"], -1))]),
        ["cumsum"] = g => Check(g, ["x"], t =>
        [
            ("last", Ops.CumSum(t["x"])),
            ("axis1", Ops.CumSum(t["x"], 1)),
            ("rev", Ops.CumSum(t["x"], reverse: true)),
        ]),
        ["segsum"] = g => Check(g, ["x"], t =>
        {
            Tensor y = Ops.SegSum(t["x"]);
            return [("y", y), ("expy", Ops.Exp(y))];
        }),
        ["reductions"] = g => Check(g, ["x"], t =>
        {
            Assert.Equal(g.Tokens("out.argmax"), Ops.ArgMax(t["x"]));
            return
            [
                ("sum", Ops.Sum(t["x"])),
                ("sum1", Ops.Sum(t["x"], 1)),
                ("mean_keep", Ops.Mean(t["x"], -1, keepDims: true)),
                ("mean02", Ops.Mean(t["x"], [0, 2])),
                ("max", Ops.Max(t["x"], -1)),
                ("min1", Ops.Min(t["x"], 1)),
                ("var", Ops.Variance(t["x"], -1, correction: 0)),
                ("std1", Ops.Std(t["x"], -1)),
                ("norm", Ops.Norm(t["x"])),
                ("prod", Ops.Prod(t["x"], -1)),
            ];
        }),
        ["selective_log_softmax"] = g => Check(g, ["logits"], t => [("logp", Ops.SelectiveLogSoftmax(t["logits"], g.Tokens("in.labels")))]),
    };
}
