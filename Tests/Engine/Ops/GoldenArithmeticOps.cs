using static SpikeEngine.Tests.Engine.GoldenOpRunner;

namespace SpikeEngine.Tests.Engine;

/// <summary>Element-wise operations of one, two and three tensors.</summary>
internal static class GoldenArithmeticOps
{
    public static Dictionary<string, Action<GoldenCase>> Rows { get; } = new()
    {
        ["log"] = g => Check(g, ["x"], t => [("y", Ops.Log(t["x"]))]),
        ["sqrt_rsqrt"] = g => Check(g, ["x"], t => [("s", Ops.Sqrt(t["x"])), ("r", Ops.Rsqrt(t["x"]))]),
        ["relu"] = g => Check(g, ["x"], t => [("y", Ops.Relu(t["x"]))]),
        ["clamp"] = g => Check(g, ["x"], t => [("y", Ops.Clamp(t["x"], Number(g, "min"), Number(g, "max")))]),
        ["logsigmoid"] = g => Check(g, ["x"], t => [("y", Ops.LogSigmoid(t["x"]))]),
        ["broadcast_arith"] = g => Check(g, ["a", "b"], t =>
        [
            ("add", t["a"] + t["b"]), ("sub", t["a"] - t["b"]), ("mul", t["a"] * t["b"]), ("div", t["a"] / t["b"]),
        ]),
        ["where"] = g => Check(g, ["a", "b"], t =>
        [
            ("y", Ops.Where(Tensor.From(Array.ConvertAll(g.Ids("in.c"), id => (float)id), g.Shape("in.c")), t["a"], t["b"])),
        ]),
        ["mse"] = g => Check(g, ["a", "b"], t => [("loss", Ops.Mse(t["a"], t["b"]))]),
    };
}
