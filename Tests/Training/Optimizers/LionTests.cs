using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

[Collection(Lanes.Name)]
public class LionTests
{
    private const double Beta1 = 0.9, Beta2 = 0.99, Rate = 1e-2, Decay = 0.3;

    [Fact]
    public void FollowsTheFormulaInDoublePrecision() => Lanes.AtEveryWidth(() =>
    {
        ParameterStore store = ParameterStore.Random(3);
        Parameter parameter = store.Root.Get("w", [3_001], Init.Normal(1f), decays: true);
        double[] p = Array.ConvertAll(parameter.Values.ToArray(), v => (double)v), m = new double[p.Length];
        SeededRandom random = new(1, "gradients");
        Lion optimizer = new(store, new LionOptions(Beta1, Beta2, (float)Decay));
        for (int step = 0; step < 5; step++)
        {
            for (int i = 0; i < p.Length; i++)
            {
                float g = parameter.Grad[i] = i == 0 ? 0f : random.NextNormal();
                p[i] -= Rate * (Math.Sign(Beta1 * m[i] + (1 - Beta1) * g) + Decay * p[i]);
                m[i] = Beta2 * m[i] + (1 - Beta2) * g;
            }

            optimizer.Step((float)Rate);
        }

        Close.Assert(Array.ConvertAll(p, v => (float)v), parameter.Values, 1e-6);
        Close.Assert(Array.ConvertAll(m, v => (float)v), optimizer.Momentum(parameter), 1e-6);
    });

    [Fact]
    public void AGradientThatIsNoNumberIsSeenInTheWeightAndNowhereElse() => Lanes.AtEveryWidth(() =>
    {
        ParameterStore store = ParameterStore.Random(3);
        Parameter parameter = store.Root.Get("w", [33], Init.Ones);
        parameter.Grad[5] = float.NaN;
        new Lion(store).Step(0.1f);
        Assert.Equal([5], Enumerable.Range(0, 33).Where(i => float.IsNaN(parameter.Values[i])));
    });
}
