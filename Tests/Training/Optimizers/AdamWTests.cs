using SpikeEngine.Tests.Reference;
using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

[Collection(Lanes.Name)]
public class AdamWTests
{
    public static TheoryData<string> AdamWCases => GoldenFiles.OfOp("C_ops", "adamw");

    [Theory]
    [MemberData(nameof(AdamWCases))]
    public void AdamWFollowsTheReferenceStepByStep(string file)
    {
        using var golden = GoldenCase.Open("C_ops", file);
        double Number(string name) => golden.Config.GetProperty(name).GetDouble();
        float[] gradients = golden.Floats("in.grads");
        Lanes.AtEveryWidth(() =>
        {
            ParameterStore store = ParameterStore.Random(1);
            Parameter parameter = store.Root.Get("w", golden.Shape("in.param"), Init.Zeros, decays: true);
            golden.Floats("in.param").CopyTo(parameter.Values);
            AdamW optimizer = new(store, new AdamWOptions(
                Number("beta1"), Number("beta2"), (float)Number("eps"), (float)Number("weight_decay")));

            List<float> values = [], first = [], second = [];
            for (int start = 0; start < gradients.Length; start += parameter.Count)
            {
                gradients.AsSpan(start, parameter.Count).CopyTo(parameter.Grad);
                optimizer.Step((float)Number("lr"));
                values.AddRange(parameter.Values);
                first.AddRange(optimizer.FirstMoment(parameter));
                second.AddRange(optimizer.SecondMoment(parameter));
            }

            golden.AssertClose("out.params", values.ToArray());
            golden.AssertClose("out.exp_avg", first.ToArray());
            golden.AssertClose("out.exp_avg_sq", second.ToArray());
        });
    }

    [Fact]
    public void FrozenUndecayedAndScaledParametersAreTreatedAsAsked()
    {
        ParameterStore store = ParameterStore.Random(1);
        Parameter frozen = store.Root.Get("frozen", [3], Init.Ones, decays: true);
        Parameter unused = store.Root.Get("unused", [3], Init.Ones, decays: true);
        Parameter plain = store.Root.Get("plain", [3], Init.Ones);
        Parameter decayed = store.Root.Get("decayed", [3], Init.Ones, decays: true);
        Parameter slow = store.Root.Get("slow", [3], Init.Ones);
        foreach (Parameter parameter in new[] { frozen, plain, decayed, slow })
            parameter.Grad.Fill(2f);
        frozen.Trainable = false;

        new AdamW(store, new AdamWOptions(WeightDecay: 0.5f) { Groups = [new ParameterGroup { Pattern = "slow", LearningRateFactor = 0.1f }] }).Step(0.1f);

        Assert.All(frozen.Values.ToArray(), v => Assert.Equal(1f, v));
        Assert.All(unused.Values.ToArray(), v => Assert.Equal(1f, v));
        Assert.All(plain.Values.ToArray(), v => Assert.Equal(0.9, v, 1e-6));
        Assert.All(decayed.Values.ToArray(), v => Assert.Equal(0.85, v, 1e-6));
        Assert.All(slow.Values.ToArray(), v => Assert.Equal(0.99, v, 1e-6));
    }
}
