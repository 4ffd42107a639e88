using SpikeEngine.Model;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model.Energy;

public class EnergyReportTests
{
    /// <summary>Inner width 8, 2 heads, 12 channels of convolution, 22 rows of in_proj.</summary>
    private static readonly Mamba2Config s_tiny = new()
    {
        VocabSize = 10, DModel = 4, LayerCount = 1, DState = 2, HeadDim = 4, Spiking = new SpikingConfig { Levels = 4 },
    };

    [Theory]
    [InlineData(EnergyScope.Projections, 120, 0, 552, 77.4)]
    [InlineData(EnergyScope.Block, 216, 96, 993.6, 519)]     // the convolution's 12 * 4 and the scan's 3 * 8 * 2 remain
    [InlineData(EnergyScope.Model, 256, 136, 1177.6, 703)]   // and the head's 10 * 4
    public void ATinyModelByHand(EnergyScope scope, double denseMacs, double spikingMacs, double densePicojoules, double spikingPicojoules)
    {
        SpikeStatistics spikes = new(1);
        spikes.Observe(0, SpikeSite.InProj, [1f, -2f, 0f, 0f]);
        spikes.Observe(0, SpikeSite.OutProj, [4f, 0f, 0f, 0f, -1f, 0f, 0f, 0f]);
        EnergyFigures figures = new EnergyReport(s_tiny, spikes, new EnergyConstants())[scope];

        Assert.Equal(denseMacs, figures.DenseMacs, 1e-9);
        Assert.Equal(spikingMacs, figures.SpikingMacs, 1e-9);
        Assert.Equal(22 * 3 + 4 * 5, figures.UnrolledAccumulates, 1e-9);
        Assert.Equal(22 * (2 + 4) + 4 * (2 + 4), figures.LevelAccumulates, 1e-9);
        Assert.Equal(densePicojoules, figures.DensePicojoules, 1e-9);
        Assert.Equal(spikingPicojoules, figures.SpikingPicojoules, 1e-9);
        Assert.Equal(densePicojoules / spikingPicojoules, figures.Benefit, 1e-9);
    }

    [Fact]
    public void TheBenefitOfGaussianInputsAtOnePointThreeBillion()
    {
        const int Layers = 48, Neurons = 10_000, Magnitude = 7_636;   // mean |round(x)| of a normal x is 0.7636
        Mamba2Config config = new()
        {
            VocabSize = 50_288, DModel = 2_048, LayerCount = Layers, DState = 128, HeadDim = 64, Spiking = new SpikingConfig(),
        };
        float[] s = [.. Enumerable.Range(0, Neurons).Select(i => i < Magnitude ? 1f : 0f)];
        SpikeStatistics spikes = new(Layers);
        for (int layer = 0; layer < Layers; layer++)
        {
            spikes.Observe(layer, SpikeSite.InProj, s);
            spikes.Observe(layer, SpikeSite.OutProj, s);
        }

        EnergyReport report = new(config, spikes, new EnergyConstants());
        Assert.Equal(1_239_416_832, report[EnergyScope.Projections].DenseMacs);
        Assert.Equal(4.6 / (0.9 * 0.7636), report[EnergyScope.Projections].Benefit, 1e-9);
        Assert.Equal(5.03, report[EnergyScope.Block].Benefit, 0.005);
    }

    [Fact]
    public void OtherConstantsScaleTheEnergy()
    {
        SpikeStatistics spikes = new(1);
        spikes.Observe(0, SpikeSite.InProj, [1f, 1f, 1f, 1f]);
        spikes.Observe(0, SpikeSite.OutProj, [1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f]);
        EnergyFigures figures = new EnergyReport(s_tiny, spikes, new EnergyConstants { MultiplyAccumulate = 10, Accumulate = 2 })[EnergyScope.Projections];
        Assert.Equal(5, figures.Benefit, 1e-9);
    }

    [Fact]
    public void AReportNeedsNeuronsAndSpikes()
    {
        SpikeStatistics spikes = new(1);
        Assert.Throws<ArgumentException>(() => new EnergyReport(s_tiny, spikes, new EnergyConstants()));
        spikes.Observe(0, SpikeSite.InProj, [1f]);
        Assert.Throws<ArgumentException>(() => new EnergyReport(s_tiny with { Spiking = null }, spikes, new EnergyConstants()));
    }
}
