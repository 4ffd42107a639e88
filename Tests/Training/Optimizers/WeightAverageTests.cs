using SpikeEngine.Model;
using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

[Collection(Lanes.Name)]
public class WeightAverageTests
{
    private readonly Mamba2LanguageModel _model = TinyModels.Dense();

    [Fact]
    public void TheAverageIsTheFormula()
    {
        Parameter parameter = _model.Blocks[0].Mixer.InProj.Weight;
        WeightAverage average = new(_model.Store, decay: 0.5);
        double expected = parameter.Values[7];
        for (int step = 0; step < 30; step++)
        {
            parameter.Values[7] = step;
            average.Update();
            double decay = Math.Min(0.5, (1.0 + step) / (10 + step));
            expected = decay * expected + (1 - decay) * step;
        }

        float[] weights = parameter.Values.ToArray();
        using (average.Swap())
        {
            Assert.Equal(expected, parameter.Values[7], 1e-4);
            Assert.Equal(weights[8], parameter.Values[8], 1e-6);   // never moved
            Assert.Throws<InvalidOperationException>(average.Swap);
            Assert.Throws<InvalidOperationException>(average.Update);
            Assert.Throws<InvalidOperationException>(() => SavedState.Of(average));
        }

        Assert.Equal(weights, parameter.Values.ToArray());
    }

    [Fact]
    public void AveragesHaveTheSameBitsAtAnyWidthAndForAnyNumberOfThreads()
    {
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            Lanes.WithThreads(threads, () => Lanes.AtEveryWidth(() =>
            {
                ParameterStore store = Large();
                WeightAverage average = new(store, decay: 0.9);
                Move(store, average, 0, 3);
                float[] averages = Averages(average);
                Assert.Equal(expected ??= averages, averages);
            }));
        }
    }

    [Fact]
    public void AResumedRunHasTheBitsOfOneThatNeverStopped()
    {
        ParameterStore whole = Large(), first = Large(), second = Large();
        WeightAverage expected = new(whole, decay: 0.9), before = new(first, decay: 0.9);
        Move(whole, expected, 0, 4);
        Move(first, before, 0, 2);

        second.Parameters[0].Values.Fill(7f);   // what it was made from must not matter
        WeightAverage after = new(second, decay: 0.9);
        SavedState.Of(before).Restore(after);
        Move(second, after, 2, 4);

        Assert.Equal(Averages(expected), Averages(after));
    }

    [Fact]
    public void FrozenWeightsAreLeftOutAndAnUpdateAllocatesNothing()
    {
        ParameterStore store = Large();
        store.Root.Get("frozen", [3], Init.Ones).Trainable = false;
        WeightAverage average = new(store, decay: 0.9);
        Assert.Equal(["updates", "w"], SavedState.Of(average).Values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0, Allocated.ByOne(average.Update));
    }

    private static ParameterStore Large()
    {
        ParameterStore store = ParameterStore.Random(5);
        store.Root.Get("w", [70_003], Init.Normal(1f));
        return store;
    }

    private static void Move(ParameterStore store, WeightAverage average, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            Init.Normal(1f)(store.Parameters[0].Values, new SeededRandom((ulong)step, "weights"));
            average.Update();
        }
    }

    private static float[] Averages(WeightAverage average) => (float[])SavedState.Of(average).Values["w"];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void ADecayOutOfItsRangeIsRefused(double decay) => Assert.Throws<ArgumentException>(() => new WeightAverage(_model.Store, decay));
}
