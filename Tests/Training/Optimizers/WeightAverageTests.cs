using SpikeEngine.Model;
using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

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
        }

        Assert.Equal(weights, parameter.Values.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void ADecayOutOfItsRangeIsRefused(double decay) => Assert.Throws<ArgumentException>(() => new WeightAverage(_model.Store, decay));
}
