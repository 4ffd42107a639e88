using SpikeEngine.Training.Alignment;

namespace SpikeEngine.Tests.Training.Alignment;

/// <summary>Every vector of the preference losses: values, rewards, gradients of the mean and of each example's own loss.</summary>
[Collection(Lanes.Name)]
public class GoldenPreferenceTests
{
    private const string Group = "E_rl";

    public static TheoryData<string> DpoCases => GoldenFiles.OfOp(Group, "dpo");

    public static TheoryData<string> KtoCases => GoldenFiles.OfOp(Group, "kto");

    public static TheoryData<string> LogitCases => GoldenFiles.OfOp(Group, "dpo_from_logits");

    [Theory]
    [MemberData(nameof(DpoCases))]
    public void DpoMatches(string file) => Lanes.AtEveryWidth(() =>
    {
        using var golden = GoldenCase.Open(Group, file);
        Tensor[] x = [.. new[] { "policy_chosen", "policy_rejected", "ref_chosen", "ref_rejected" }.Select((name, i) => Input(golden, name, i < 2))];
        DpoOptions options = new() { Beta = Number(golden, "beta"), LabelSmoothing = Number(golden, "label_smoothing") };

        CheckLosses(golden, () => DpoLoss.PerPair(x[0], x[1], x[2], x[3], options), ("policy_chosen", x[0]), ("policy_rejected", x[1]));
        golden.AssertClose("out.chosen_rewards", (x[0] - x[2]) * options.Beta);
        golden.AssertClose("out.rejected_rewards", (x[1] - x[3]) * options.Beta);
    });

    [Theory]
    [MemberData(nameof(KtoCases))]
    public void KtoMatches(string file) => Lanes.AtEveryWidth(() =>
    {
        using var golden = GoldenCase.Open(Group, file);
        Tensor policy = Input(golden, "policy", needsGrad: true), reference = Input(golden, "ref", needsGrad: false);
        bool[] desirable = Array.ConvertAll(golden.Ids("in.desirable"), flag => flag != 0);
        KtoOptions options = new()
        {
            Beta = Number(golden, "beta"),
            DesirableWeight = Number(golden, "desirable_weight"),
            UndesirableWeight = Number(golden, "undesirable_weight"),
        };
        float divergence = KtoLoss.Divergence(golden.Floats("in.policy_kl"), golden.Floats("in.ref_kl"));

        golden.AssertClose("out.kl", [divergence]);
        golden.AssertClose("out.rewards", (policy - reference) * options.Beta);
        CheckLosses(golden, () => KtoLoss.PerExample(policy, reference, divergence, desirable, options), ("policy", policy));
    });

    [Theory]
    [MemberData(nameof(LogitCases))]
    public void DpoFromLogitsMatches(string file) => Lanes.AtEveryWidth(() =>
    {
        using var golden = GoldenCase.Open(Group, file);
        Tensor logits = Input(golden, "logits", needsGrad: true);
        int pairs = logits.Shape[0] / 2;
        DpoOptions options = new() { Beta = Number(golden, "beta") };

        using Tape tape = Tape.Begin();
        Tensor reference = LogProbabilities(golden, Input(golden, "ref_logits", needsGrad: false));
        Tensor policy = LogProbabilities(golden, logits);
        Tensor losses = DpoLoss.PerPair(
            Ops.Slice(policy, 0, 0, pairs), Ops.Slice(policy, 0, pairs), Ops.Slice(reference, 0, 0, pairs), Ops.Slice(reference, 0, pairs), options);
        Tensor loss = Ops.Mean(losses);
        tape.Backward(loss);

        golden.AssertClose("out.logps", policy);
        golden.AssertClose("out.ref_logps", reference);
        golden.AssertClose("out.losses", losses);
        golden.AssertClose("out.loss", loss);
        golden.AssertClose("grad_in.logits", logits.Grad);
    });

    /// <summary>A vector that nothing runs would be a test that cannot fail.</summary>
    [Fact]
    public void EveryVectorIsRun()
    {
        foreach (string path in GoldenFiles.Files(Group, "*.safetensors"))
        {
            using GoldenCase golden = new(path);
            Assert.True(golden.Op is "dpo" or "kto" or "dpo_from_logits", $"nothing runs {golden.Name} ({golden.Op})");
        }
    }

    private static void CheckLosses(GoldenCase golden, Func<Tensor> losses, params (string Name, Tensor Tensor)[] inputs)
    {
        Tensor all = Gradients(losses, Ops.Sum, inputs);
        golden.AssertClose("out.losses", all);
        foreach ((string name, Tensor tensor) in inputs.Where(input => golden.Has($"per_example_grad.{input.Name}")))
            golden.AssertClose($"per_example_grad.{name}", tensor.Grad);

        golden.AssertClose("out.loss", Ops.Mean(Gradients(losses, Ops.Mean, inputs)));
        foreach ((string name, Tensor tensor) in inputs)
            golden.AssertClose($"grad_in.{name}", tensor.Grad);
    }

    private delegate Tensor Reduce(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false);

    private static Tensor Gradients(Func<Tensor> losses, Reduce reduce, (string Name, Tensor Tensor)[] inputs)
    {
        foreach ((_, Tensor tensor) in inputs)
            tensor.Grad.Clear();
        using Tape tape = Tape.Begin();
        Tensor each = losses();
        tape.Backward(reduce(each));
        return each.Detach();
    }

    /// <summary>Sums over the positions whose next token is of the completion; the others have no label.</summary>
    private static Tensor LogProbabilities(GoldenCase golden, Tensor logits)
    {
        int[] labels = golden.NextLabels("in.input_ids"), mask = golden.NextLabels("in.completion_mask");
        for (int i = 0; i < labels.Length; i++)
            labels[i] = mask[i] == 1 ? labels[i] : Ops.IgnoredLabel;
        int[] lengths = new int[logits.Shape[0]];
        Array.Fill(lengths, logits.Shape[1]);
        return Ops.SumRuns(Ops.Flatten(Ops.SelectiveLogSoftmax(logits, labels)), lengths);
    }

    private static Tensor Input(GoldenCase golden, string name, bool needsGrad)
    {
        Tensor x = Tensor.From(golden.Floats($"in.{name}"), golden.Shape($"in.{name}"));
        x.NeedsGrad = needsGrad;
        return x;
    }

    private static float Number(GoldenCase golden, string name) => (float)GoldenCase.Number(golden.Config.GetProperty(name));
}
