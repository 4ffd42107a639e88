using SpikeEngine.Kernels;
using static SpikeEngine.Tests.Engine.GoldenOpRunner;

namespace SpikeEngine.Tests.Engine;

/// <summary>The operations of Mamba2, its losses and its neurons.</summary>
internal static class GoldenMambaOps
{
    public static Dictionary<string, Action<GoldenCase>> Rows { get; } = new()
    {
        ["silu"] = g => Check(g, ["x"], t => [("y", Ops.Silu(t["x"]))]),
        ["sigmoid"] = g => Check(g, ["x"], t => [("y", Ops.Sigmoid(t["x"]))]),
        ["softplus"] = g => Check(g, ["x"], t => [("y", Ops.Softplus(t["x"]))]),
        ["tanh"] = g => Check(g, ["x"], t => [("y", Ops.Tanh(t["x"]))]),
        ["exp"] = g => Check(g, ["x"], t => [("y", Ops.Exp(t["x"]))]),
        ["rmsnorm"] = g => Check(g, ["x", "w"], t => [("y", Ops.RmsNorm(t["x"], t["w"], Number(g, "eps")))]),
        ["gated_rmsnorm"] = g => Check(g, ["x", "z", "w"], t => [("y", Ops.GatedRmsNorm(
            t["x"], t["z"], t["w"], (int)Number(g, "group_size"), Number(g, "eps"), Flag(g, "norm_before_gate")))]),
        ["causal_conv1d"] = g => Check(g, ["x", "w", "b"], t => [("y", Ops.CausalConv1d(
            t["x"], t["w"], t.GetValueOrDefault("b"), Flag(g, "silu")))]),
        ["causal_conv1d_state"] = g => Check(g, ["x", "state", "w", "b"], t =>
        [
            ("y", Ops.CausalConv1d(t["x"], t["w"], t["b"], silu: true, t["state"])),
            ("state", Ops.CausalConv1dState(t["x"], (int)Number(g, "K"), t["state"])),
        ]),
        ["matmul"] = g => Check(g, ["a", "b"], t => [("y", Ops.MatMul(t["a"], t["b"]))]),
        ["linear"] = g => Check(g, ["x", "w", "b"], t => [("y", Ops.Linear(t["x"], t["w"], t["b"]))]),
        ["ssd"] = g => CheckSsd(g, ["x", "dt", "A", "B", "C", "D", "init_state"], (int)Number(g, "chunk_size"), t => (t["dt"], t["A"])),
        ["ssd_full"] = g => CheckSsd(g, ["x", "dt_raw", "dt_bias", "A_log", "B", "C", "D"], chunk: 4, t =>
        {
            float[] limits = [.. g.Config.GetProperty("dt_limit").EnumerateArray().Select(v => (float)GoldenCase.Number(v))];
            Tensor dt = Ops.TimeStep(t["dt_raw"], t["dt_bias"], limits[0], limits[1]);
            g.AssertClose("out.dt", dt.Values);
            return (dt, Ops.NegExp(t["A_log"]));
        }),
        ["tilif_linear"] = g => Check(g, ["x", "w", "b"], t => [("y", Ops.Linear(Ops.TiLif(t["x"], (int)Number(g, "D")), t["w"], t["b"]))]),
        ["embedding"] = g => Check(g, ["w"], t => [("y", Ops.Embedding(t["w"], g.Tokens("in.ids"), g.Shape("in.ids")))]),
        ["cross_entropy"] = g => Check(g, ["logits"], t => [("loss", Ops.CrossEntropy(
            t["logits"], g.Tokens("in.labels"), Enum.Parse<Reduction>(g.Config.GetProperty("reduction").GetString()!, ignoreCase: true),
            g.Config.TryGetProperty("label_smoothing", out _) ? Number(g, "label_smoothing") : 0f))]),
        ["cross_entropy_shifted"] = g => Check(g, ["logits"], t => [("loss", Ops.CrossEntropy(t["logits"], g.NextLabels("in.labels")))]),
        ["kl_distill"] = g => Check(g, ["student", "teacher"], t =>
        [
            ("per_token", Ops.KLDivergence(t["student"], t["teacher"], Number(g, "temperature"), reduction: Reduction.None)),
            ("loss", Ops.KLDivergence(t["student"], t["teacher"], Number(g, "temperature"), Mask(g, "in.mask", 0))),
            ("reverse_loss", Ops.KLDivergence(
                t["student"], t["teacher"], Number(g, "temperature"), Mask(g, "in.mask", 0), KLDirection.Reverse)),
        ]),
        ["kl_ce_mix"] = g => Check(g, ["student", "teacher"], t => [("loss", Ops.Add(
            Ops.Scale(
                Ops.KLDivergence(t["student"], t["teacher"], Number(g, "temperature"), Mask(g, "in.labels", Ops.IgnoredLabel)),
                Number(g, "alpha")),
            Ops.Scale(Ops.CrossEntropy(t["student"], g.Tokens("in.labels")), 1f - Number(g, "alpha"))))]),
        ["tilif"] = g => Check(
            g, ["x"], t => [("s", Ops.TiLif(t["x"], (int)Number(g, "D"), alpha: Number(g, "alpha")))], gradRtol: Number(g.Tolerance, "grad_rtol")),
        ["ilif"] = g => Check(
            g, ["x"], t => [("s", Ops.ILif(t["x"], (int)Number(g, "D"), alpha: Number(g, "alpha")))], gradRtol: Number(g.Tolerance, "grad_rtol")),
    };

    /// <summary>The scan, whose x, B and C the files keep apart and whose states they store as [B, H, P, N].</summary>
    private static void CheckSsd(
        GoldenCase golden, string[] inputs, int chunk, Func<Dictionary<string, Tensor>, (Tensor Dt, Tensor A)> discretise) =>
        Check(golden, inputs, t =>
        {
            int[] x = golden.Shape("in.x"), b = golden.Shape("in.B");
            SsdShape shape = new(x[0], x[1], x[2], x[3], b[2], b[3], chunk);
            Tensor xbc = Ops.Concat([AsRows(t["x"], shape), AsRows(t["B"], shape), AsRows(t["C"], shape)], axis: -1);
            Tensor? initial = t.TryGetValue("init_state", out Tensor? state) ? Ops.Transpose(state, -1, -2) : null;
            (Tensor dt, Tensor a) = discretise(t);
            (Tensor y, Tensor final) = Ops.Ssd(xbc, dt, a, t["D"], shape, initial);
            return [("y", y), ("final_state", Ops.Transpose(final, -1, -2))];
        });

    private static Tensor AsRows(Tensor x, SsdShape shape) => x.Reshape(shape.Batch, shape.Length, x.Count / (shape.Batch * shape.Length));
}
