using static SpikeEngine.Tests.Engine.GoldenOpRunner;

namespace SpikeEngine.Tests.Engine;

/// <summary>The operations that move elements and compute nothing.</summary>
internal static class GoldenShapesOps
{
    public static Dictionary<string, Action<GoldenCase>> Rows { get; } = new()
    {
        ["gather"] = g => Check(g, ["x"], t => [("y", Ops.Gather(t["x"], g.Tokens("in.idx"), g.Shape("in.idx"), (int)Number(g, "axis")))]),
        ["index_select"] = g => Check(g, ["x"], t => [("y", Ops.IndexSelect(t["x"], g.Tokens("in.idx"), (int)Number(g, "axis")))]),
        ["slice"] = g => Check(g, ["x"], t =>
        [
            ("a", Ops.Slice(t["x"], 1..5, .., 2..)),
            ("b", Ops.Slice(t["x"], .., ^2.., ..^3)),
            ("c", Ops.Slice(t["x"], SliceRange.Every(2), new SliceRange(1, 5, 3))),
        ]),
        ["concat_split"] = g => Check(g, ["a", "b", "c"], t =>
        {
            Tensor y = Ops.Concat([t["a"], t["b"], t["c"]], axis: 1);
            Tensor[] pieces = Ops.Split(y, [2, 1, 3], axis: 1);
            return [("y", y), ("p0", pieces[0]), ("p1", pieces[1]), ("p2", pieces[2])];
        }),
        ["permute_reshape"] = g => Check(g, ["x"], t =>
        [
            ("p", Ops.Permute(t["x"], 2, 0, 3, 1)),
            ("r", Ops.Transpose(t["x"], 1, 2).Reshape(2, 4, 15)),
            ("e", Ops.Expand(Ops.Slice(t["x"], axis: 1, end: 1), 2, 4, 4, 5)),
        ]),
        ["tril_triu"] = g => Check(g, ["x"], t => [("l", Ops.Tril(t["x"], -1)), ("l0", Ops.Tril(t["x"])), ("u", Ops.Triu(t["x"], 1))]),
    };
}
