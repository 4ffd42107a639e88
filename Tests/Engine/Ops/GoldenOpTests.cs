using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Engine;

/// <summary>Every golden vector of a single operation that the table knows, values and gradients, at every register width.</summary>
[Collection(Lanes.Name)]
public class GoldenOpTests
{
    private const int CasesAtLeast = 34;

    /// <summary>One row for each op name of the golden files; a new operation adds its row here.</summary>
    private static readonly Dictionary<string, Action<GoldenCase>> s_runners = new()
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
        ["ssd_full"] = TimeStepOf,
        ["embedding"] = g => Check(g, ["w"], t => [("y", Ops.Embedding(t["w"], Ids(g, "in.ids"), g.Shape("in.ids")))]),
        ["cross_entropy"] = g => Check(g, ["logits"], t => [("loss", Ops.CrossEntropy(
            t["logits"], Ids(g, "in.labels"), Enum.Parse<Reduction>(g.Config.GetProperty("reduction").GetString()!, ignoreCase: true),
            g.Config.TryGetProperty("label_smoothing", out _) ? Number(g, "label_smoothing") : 0f))]),
        ["cross_entropy_shifted"] = g => Check(g, ["logits"], t => [("loss", Ops.CrossEntropy(t["logits"], Shifted(g)))]),
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
            Ops.Scale(Ops.CrossEntropy(t["student"], Ids(g, "in.labels")), 1f - Number(g, "alpha"))))]),
        ["tilif"] = g => Check(
            g, ["x"], t => [("s", Ops.TiLif(t["x"], (int)Number(g, "D"), alpha: Number(g, "alpha")))], gradRtol: Number(g.Tolerance, "grad_rtol")),
        ["ilif"] = g => Check(
            g, ["x"], t => [("s", Ops.ILif(t["x"], (int)Number(g, "D"), alpha: Number(g, "alpha")))], gradRtol: Number(g.Tolerance, "grad_rtol")),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string group in new[] { "C_ops", "D_spiking" })
            {
                foreach (string path in GoldenFiles.Files(group, "*.safetensors"))
                {
                    using GoldenCase golden = new(path);
                    if (s_runners.ContainsKey(golden.Op))
                        cases.Add(group, golden.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ValuesAndGradientsMatch(string group, string file)
    {
        using var golden = GoldenCase.Open(group, file);
        Lanes.AtEveryWidth(() => s_runners[golden.Op](golden));
    }

    [Fact]
    public void TheTableFindsItsCases() => Assert.True(Cases.Count >= CasesAtLeast, $"only {Cases.Count} golden cases were found");

    /// <summary>Runs an operation on the named inputs that the file has, and compares every output and every gradient it stores.</summary>
    private static void Check(
        GoldenCase golden,
        string[] inputs,
        Func<Dictionary<string, Tensor>, (string Name, Tensor Value)[]> operation,
        double? gradRtol = null)
    {
        Dictionary<string, Tensor> tensors = inputs.Where(name => golden.Has($"in.{name}")).ToDictionary(name => name, name =>
        {
            Tensor x = Tensor.From(golden.Floats($"in.{name}"), golden.Shape($"in.{name}"));
            x.NeedsGrad = golden.Has($"grad_in.{name}");
            return x;
        });

        using Tape tape = Tape.Begin();
        foreach ((string name, Tensor value) in operation(tensors))
        {
            golden.AssertClose($"out.{name}", value.Values);
            if (golden.Has($"grad_out.{name}"))
                golden.Floats($"grad_out.{name}").CopyTo(value.Grad);
            else
                value.Grad.Fill(1f);
        }

        tape.Replay();
        foreach ((string name, Tensor x) in tensors.Where(t => t.Value.NeedsGrad))
        {
            if (gradRtol is double rtol)
                golden.AssertClose($"grad_in.{name}", x.Grad, atol: 0, rtol);
            else
                golden.AssertClose($"grad_in.{name}", x.Grad);
        }
    }

    /// <summary>The discretisation step of the full state-space case; the gradients there belong to the scan as well.</summary>
    private static void TimeStepOf(GoldenCase golden)
    {
        Tensor raw = Tensor.From(golden.Floats("in.dt_raw"), golden.Shape("in.dt_raw"));
        Tensor bias = Tensor.From(golden.Floats("in.dt_bias"), golden.Shape("in.dt_bias"));
        float[] limits = [.. golden.Config.GetProperty("dt_limit").EnumerateArray().Select(v => (float)GoldenCase.Number(v))];
        golden.AssertClose("out.dt", Ops.TimeStep(raw, bias, limits[0], limits[1]).Values);
    }

    private static float Number(GoldenCase golden, string name) => Number(golden.Config, name);

    private static float Number(System.Text.Json.JsonElement element, string name) => (float)GoldenCase.Number(element.GetProperty(name));

    private static bool Flag(GoldenCase golden, string name) => golden.Config.GetProperty(name).GetBoolean();

    private static int[] Ids(GoldenCase golden, string name) => Array.ConvertAll(golden.Ids(name), id => checked((int)id));

    private static bool[] Mask(GoldenCase golden, string name, long ignored) => Array.ConvertAll(golden.Ids(name), id => id != ignored);

    /// <summary>The label of the next position; none for the last one.</summary>
    private static int[] Shifted(GoldenCase golden)
    {
        int[] labels = Ids(golden, "in.labels");
        int time = golden.Shape("in.labels")[1];
        return [.. labels.Select((_, i) => i % time == time - 1 ? Ops.IgnoredLabel : labels[i + 1])];
    }
}
