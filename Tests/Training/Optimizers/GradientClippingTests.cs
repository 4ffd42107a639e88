using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

[Collection(Lanes.Name)]
public class GradientClippingTests
{
    public static TheoryData<string> ClippingCases => GoldenFiles.OfOp("C_ops", "clip_grad_norm");

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
    public void FrozenParametersDoNotCount()
    {
        ParameterStore store = ParameterStore.Random(5);
        Parameter trained = store.Root.Get("trained", [2], Init.Zeros), frozen = store.Root.Get("frozen", [1], Init.Zeros);
        new[] { 3f, 4f }.CopyTo(trained.Grad);
        frozen.Grad.Fill(float.NaN);
        frozen.Trainable = false;

        Assert.Equal(5f, GradientClipping.Clip(store, 1f));
        Assert.Equal(0.6f, trained.Grad[0], 1e-6f);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void ALimitThatIsNoneIsRefused(float maxNorm)
    {
        ParameterStore store = Large();
        float[] before = store.Parameters[0].Grad.ToArray();
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.Clip(store, maxNorm));
        Assert.Equal(before, store.Parameters[0].Grad.ToArray());
    }

    [Fact]
    public void AnInfiniteLimitClipsNothing()
    {
        ParameterStore store = Large();
        float[] before = store.Parameters[0].Grad.ToArray();
        Assert.Equal(GradientClipping.GlobalNorm(store), GradientClipping.Clip(store, float.PositiveInfinity));
        Assert.Equal(before, store.Parameters[0].Grad.ToArray());
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
}
