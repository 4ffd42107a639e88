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
        EnergyFigures figures = EnergyReport.Of(s_tiny, spikes, new EnergyConstants())[scope];

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

        var report = EnergyReport.Of(config, spikes, new EnergyConstants());
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
        EnergyFigures figures = EnergyReport.Of(s_tiny, spikes, new EnergyConstants { MultiplyAccumulate = 10, Accumulate = 2 })[EnergyScope.Projections];
        Assert.Equal(5, figures.Benefit, 1e-9);
    }

    [Fact]
    public void RowsOfLayersAddUpToTheScopes()
    {
        Mamba2Config config = s_tiny with { LayerCount = 3, UseBias = true };
        SpikeStatistics spikes = new(3);
        for (int layer = 0; layer < 3; layer++)
        {
            spikes.Observe(layer, SpikeSite.InProj, [layer, -1f, 0f, 0f]);
            spikes.Observe(layer, SpikeSite.OutProj, [0f, 0f, 1f, 0f, 0f, 0f, 0f, -layer]);
        }

        var report = EnergyReport.Of(config, spikes, new EnergyConstants(), StorageType.Int8, StorageType.BFloat16);
        Assert.Equal(3 * 4 + 1, report.Rows.Count);
        Assert.Equal((null, EnergyPart.Head), (report.Rows[^1].Layer, report.Rows[^1].Part));
        EnergyCounts all = default, projections = default;
        foreach (EnergyRow row in report.Rows)
        {
            all += row.Figures.Counts;
            if (row.Part is EnergyPart.InProj or EnergyPart.OutProj)
                projections += row.Figures.Counts;
        }

        Same(all, report[EnergyScope.Model].Counts);
        Same(projections, report[EnergyScope.Projections].Counts);
        EnergyCounts blocks = report.Layer(0).Counts + report.Layer(1).Counts + report.Layer(2).Counts;
        Same(blocks, report[EnergyScope.Block].Counts);
        Assert.Equal(3 * (4 + 8), all.NeuronUpdates);
        Assert.Throws<ArgumentOutOfRangeException>(() => report.Layer(3));
    }

    /// <summary>Bytes of one layer of the tiny model with weights in bytes, counted by hand.</summary>
    [Fact]
    public void BytesByHand()
    {
        SpikeStatistics spikes = new(1);
        spikes.Observe(0, SpikeSite.InProj, [1f, -2f, 0f, 0f]);
        spikes.Observe(0, SpikeSite.OutProj, [4f, 0f, 0f, 0f, -1f, 0f, 0f, 0f]);
        EnergyConstants constants = new() { DramByte = 100, SramByte = 10, CacheByte = 1, NeuronUpdate = 2 };
        var report = EnergyReport.Of(s_tiny, spikes, constants, StorageType.Int8);
        EnergyCounts inProj = report.Rows[0].Figures.Counts, conv = report.Rows[1].Figures.Counts, scan = report.Rows[2].Figures.Counts;

        Assert.Equal((22 * 4 + 22 * 4, 22 * 2 + 22 * 4, 0), (inProj.DenseWeightBytes, inProj.SpikingWeightBytes, inProj.StateBytes));
        Assert.Equal((4 * (4 + 22), 2 * 2 * 2), (inProj.ActivationBytes, inProj.SpikeBytes));
        Assert.Equal((4 * 12 * 5, 2 * 4 * 12 * 4, 4 * 24), (conv.SpikingWeightBytes, conv.StateBytes, conv.ActivationBytes));
        Assert.Equal((2 * 4 * 8 * 2, 4 * (12 + 2 + 8)), (scan.StateBytes, scan.ActivationBytes));

        EnergyFigures figures = report.Rows[0].Figures;
        Assert.Equal(4.6 * 88 + 100 * 176 + 104, figures.DenseMemoryPicojoules, 1e-9);
        Assert.Equal(0.9 * 22 * (2 + 4) + 2 * 4 + 100 * 132 + 104 + 8, figures.SpikingMemoryPicojoules, 1e-9);
        Assert.Equal(4.6 * 88 + 10 * 176 + 104, figures.DenseOnChipPicojoules, 1e-9);
        Assert.Equal(0.3 * 88, figures.DenseInt8Picojoules, 1e-9);
        Assert.Equal(0.1 * 22 * 6, figures.SpikingInt8Picojoules, 1e-9);
    }

    [Fact]
    public void ADenseModelHasMultiplyAccumulatesOnly()
    {
        EnergyReport report = EnergyReport.Of(s_tiny with { Spiking = null }, null, new EnergyConstants());
        EnergyFigures model = report[EnergyScope.Model];
        Assert.False(report.Spikes);
        Assert.Equal((256, 256, 0, 0), (model.DenseMacs, model.SpikingMacs, model.LevelAccumulates, model.Counts.NeuronUpdates));
        Assert.Equal(1, model.Benefit);
        Assert.Equal(model.DenseMemoryPicojoules, model.SpikingMemoryPicojoules);
    }

    [Fact]
    public void ConstantsAreNumbersOfPicojoules()
    {
        var refused = Assert.Throws<ArgumentException>(() => EnergyReport.Of(s_tiny, null, new EnergyConstants { DramByte = -1 }));
        Assert.StartsWith("DramByte is -1", refused.Message);
    }

    [Fact]
    public void AReportNeedsNeuronsAndSpikes()
    {
        SpikeStatistics spikes = new(1);
        Assert.Throws<ArgumentException>(() => EnergyReport.Of(s_tiny, spikes, new EnergyConstants()));
        spikes.Observe(0, SpikeSite.InProj, [1f]);
        Assert.Throws<ArgumentException>(() => EnergyReport.Of(s_tiny with { Spiking = null }, spikes, new EnergyConstants()));
    }

    private static void Same(EnergyCounts expected, EnergyCounts actual)
    {
        foreach (System.Reflection.PropertyInfo property in typeof(EnergyCounts).GetProperties())
            Assert.Equal((double)property.GetValue(expected)!, (double)property.GetValue(actual)!, 1e-9);
    }
}
