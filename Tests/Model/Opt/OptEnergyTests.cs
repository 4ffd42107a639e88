using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Energy of transformers against sums by hand.</summary>
public class OptEnergyTests
{
    private const int Length = 21;

    private static readonly EnergyConstants s_constants = new();

    /// <summary>4 d² + 2 d F for projections, 2 d keys for attention, norms, and the head.</summary>
    [Fact]
    public void ADenseModelHasTheMultiplyAccumulatesOfItsSizes()
    {
        OptConfig c = TinyOpt.Config;
        var report = EnergyReport.Of(c, spikes: null, s_constants, keys: 11);
        const double D = 24, F = 40, V = 61;
        double projections = 2 * (4 * D * D + 2 * D * F), block = projections + 2 * (2 * D * 11 + 4 * D);
        Assert.Equal(projections, report[EnergyScope.Projections].DenseMacs);
        Assert.Equal(block, report[EnergyScope.Block].DenseMacs);
        Assert.Equal(block + 2 * D + V * D, report[EnergyScope.Model].DenseMacs);
        Assert.Equal(report[EnergyScope.Model].DensePicojoules, report[EnergyScope.Model].SpikingPicojoules);
    }

    [Theory]
    [InlineData("bispikclm, paper")]
    [InlineData("bispikclm, stable")]
    public void ASpikingModelHasAnOperationForEachSpikeAndWeight(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        SpikeStatistics spikes = model.Config.NewStatistics()!;
        model.ToDecoder().Forward(TinyOpt.Tokens(Length), 1, spikes: spikes);
        var report = EnergyReport.Of(model.Config, spikes, s_constants);
        int steps = model.Config.Spiking!.TimeSteps;
        double keys = (Length + 1) / 2.0, operations = 0, remaining = 0;
        for (int layer = 0; layer < 2; layer++)
        {
            operations += PerToken(layer, SpikeSite.Attention) * 3 * 24 + PerToken(layer, SpikeSite.Mixed) * 24 + PerToken(layer, SpikeSite.Fc1) * 40 + PerToken(layer, SpikeSite.Fc2) * 24;
            operations += PerToken(layer, SpikeSite.Query) * keys;
            operations += spikes[layer, SpikeSite.Map].Density * steps * 24 * keys;
            remaining += model.Config.Spiking.PreNorm ? 4 * 24 * steps : 0;
        }

        EnergyFigures block = report[EnergyScope.Block], whole = report[EnergyScope.Model];
        Assert.Equal(operations, block.UnrolledAccumulates, 1e-6 * operations);
        Assert.Equal(remaining, block.SpikingMacs);
        Assert.Equal(remaining + 24 + 2 * 24 + 61 * 24, whole.SpikingMacs);
        Assert.Equal(0.9 * operations + 4.6 * whole.SpikingMacs, whole.SpikingPicojoules, 1e-6 * whole.SpikingPicojoules);
        Assert.Equal(EnergyReport.Of(TinyOpt.Config, null, s_constants, keys: keys)[EnergyScope.Block].DenseMacs, block.DenseMacs, 1e-6);

        double PerToken(int layer, SpikeSite site) => (double)spikes[layer, site].Magnitude / Length;
    }
}
