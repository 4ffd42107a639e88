using SpikeEngine.Tests.Reference;
using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training;

[Collection(Lanes.Name)]
public class OptimizerTests
{
    public static TheoryData<string> AdamWCases => GoldenFiles.OfOp("C_ops", "adamw");

    public static TheoryData<string> ClippingCases => GoldenFiles.OfOp("C_ops", "clip_grad_norm");

    public static TheoryData<string> ScheduleCases => GoldenFiles.OfOp("C_ops", "cosine");

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

    [Theory]
    [MemberData(nameof(ClippingCases))]
    public void ClippingMatchesTheReference(string file)
    {
        using var golden = GoldenCase.Open("C_ops", file);
        Lanes.AtEveryWidth(() =>
        {
            ParameterStore store = ParameterStore.Random(1);
            foreach (string name in new[] { "g0", "g1", "g2" })
                golden.Floats($"in.{name}").CopyTo(store.Root.Get(name, golden.Shape($"in.{name}"), Init.Zeros).Grad);

            float norm = GradientClipping.Clip(store, golden.Config.GetProperty("max_norm").GetSingle());

            golden.AssertClose("out.total_norm", [norm]);
            foreach (Parameter parameter in store.Parameters)
                golden.AssertClose($"out.{parameter.Path}", parameter.Grad);
        });
    }

    [Fact]
    public void TheNormIsThatOfAllGradients()
    {
        ParameterStore store = Large();
        double expected = Math.Sqrt(store.Parameters.Sum(p => p.Grad.ToArray().Sum(g => (double)g * g)));
        Assert.Equal(expected, GradientClipping.GlobalNorm(store), 1e-4);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void ClippedStepsHaveTheSameBitsForAnyNumberOfThreads(int threads)
    {
        float[][] one = Lanes.WithThreads(1, Steps);
        for (int run = 0; run < 2; run++)
            Assert.Equal(one, Lanes.WithThreads(threads, Steps));

        // The norm of each step, then what the steps left.
        static float[][] Steps()
        {
            ParameterStore store = Large();
            AdamW optimizer = new(store);
            float[] norms = new float[3];
            for (int step = 0; step < norms.Length; step++)
            {
                norms[step] = GradientClipping.Clip(store, 0.7f * (step + 1));
                optimizer.Step(1e-2f);
            }

            return [norms, .. store.Parameters.SelectMany(p => new[]
            {
                p.Values.ToArray(), p.Grad.ToArray(), optimizer.FirstMoment(p), optimizer.SecondMoment(p),
            })];
        }
    }

    /// <summary>Parameters that are worked on in many pieces, with gradients.</summary>
    private static ParameterStore Large()
    {
        ParameterStore store = ParameterStore.Random(5);
        foreach (int count in new[] { 200_001, 70_000 })
        {
            Parameter parameter = store.Root.Get($"w{count}", [count], Init.Normal(1f), decays: true);
            parameter.Values.CopyTo(parameter.Grad);
        }

        return store;
    }

    [Fact]
    public void AnInfiniteNormLeavesTheGradientsAlone()
    {
        ParameterStore store = ParameterStore.Random(5);
        Parameter parameter = store.Root.Get("w", [3], Init.Zeros);
        new[] { 1f, float.NaN, 2f }.CopyTo(parameter.Grad);

        Assert.True(float.IsNaN(GradientClipping.Clip(store, 1f)));
        Assert.Equal([1f, float.NaN, 2f], parameter.Grad.ToArray());
    }

    [Theory]
    [MemberData(nameof(ScheduleCases))]
    public void TheScheduleMatchesTheReference(string file)
    {
        using var golden = GoldenCase.Open("C_ops", file);
        Schedule schedule = new(
            golden.Config.GetProperty("warmup").GetInt32(), golden.Config.GetProperty("total").GetInt32(),
            golden.Config.GetProperty("min_ratio").GetSingle());

        golden.AssertClose("out.factor", Array.ConvertAll(golden.Ids("in.step"), step => schedule.Factor(step)));
    }
}
