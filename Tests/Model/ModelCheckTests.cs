using SpikeEngine.Model;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

[Collection(Lanes.Name)]
public class ModelCheckTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AModelAgreesWithItself(bool unusual)
    {
        Mamba2LanguageModel model = TinyModels.Dense(unusual ? TinyModels.UnusualConfig : null);
        ModelCheckRow[] rows = [.. ModelCheck.Run(new Mamba2Decoder(model), TinyModels.Tokens(70, model.Config.VocabSize), threads: 3)];
        Assert.Equal(6, rows.Length);
        Assert.All(rows, row => Assert.True(row.Passes, row.ToString()));
        Assert.All(rows[..4], row => Assert.InRange(row.LargestDifference, double.Epsilon, 1e-3));
        Assert.All(rows[4..], row => Assert.Equal(0, row.LargestDifference));
    }

    [Theory]
    [InlineData(StorageType.Float32)]
    [InlineData(StorageType.Int8)]
    public void AModelWithNeuronsAgreesWithItselfBlockByBlock(StorageType type)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(70, model.Config.VocabSize);
        Mamba2Decoder decoder = new Mamba2Decoder(model, new DecoderOptions { Weights = type, Spiking = new SpikingConfig() }).WithSpikeRate(0.3, ids);
        Assert.All(ModelCheck.Run(decoder, ids, threads: 2), row => Assert.True(row.Passes, row.ToString()));
    }

    [Fact]
    public void AStateThatGotLostIsSeenBeforeTheNeuron()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(40, model.Config.VocabSize);
        Mamba2Decoder decoder = new Mamba2Decoder(model, new DecoderOptions { Spiking = new SpikingConfig() }).WithSpikeRate(0.3, ids);
        Tensor x = decoder.Embed(ids, 1, ids.Length), first = decoder.Embed(ids.AsSpan(0, 13), 1, 13), second = decoder.Embed(ids.AsSpan(13), 1, 27);
        (DecoderLayer layer, WatchedProjection watched) = decoder.Layers[0].Watched();
        Tensor expected = layer.Forward(x, context: default);

        (DecoderLayer forgetful, WatchedProjection seen) = decoder.Layers[0].Watched();
        float[] actual = [.. forgetful.Forward(first, context: default).Values, .. forgetful.Forward(second, context: default).Values];
        Assert.True(SpikingBlockCheck.Compare(actual, seen.Seen, expected, watched.Seen, watched.Rule).Difference > 0.01);
        Assert.Equal(0, SpikingBlockCheck.Compare(expected.ToArray(), watched.Seen, expected, watched.Seen, watched.Rule).Difference);
    }

    [Fact]
    public void ABrokenBlockOfAModelWithNeuronsIsNotOverlooked()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        model.Parameters().Last(p => p.Path.EndsWith("out_proj.weight", StringComparison.Ordinal)).Values.Fill(3e38f);
        Mamba2Decoder decoder = new(model, new DecoderOptions { Spiking = new SpikingConfig { Threshold = 0.01f } });
        ModelCheckRow[] rows = [.. ModelCheck.Run(decoder, TinyModels.Tokens(20, model.Config.VocabSize), threads: 1)];
        Assert.All(rows[..4], row => Assert.False(row.Passes, row.ToString()));
    }

    [Fact]
    public void ADifferenceIsNotOverlooked()
    {
        Assert.False(new ModelCheckRow("x", 1e-9, 1, Tolerance: 0).Passes);
        Assert.False(new ModelCheckRow("x", double.PositiveInfinity, 1, Tolerance: 0.5).Passes);
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelCheck.Run(new Mamba2Decoder(TinyModels.Dense()), new int[2], threads: 1));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void ThresholdsAreFoundForARate(double rate)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(200, model.Config.VocabSize);
        Mamba2Decoder decoder = new Mamba2Decoder(model, new DecoderOptions { Spiking = new SpikingConfig() }).WithSpikeRate(rate, ids);
        SpikeStatistics spikes = new(model.Config.LayerCount);
        decoder.Forward(ids, batch: 1, spikes: spikes);
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Assert.Equal(rate, spikes[layer, SpikeSite.InProj].Density, 0.01);
            Assert.Equal(rate, spikes[layer, SpikeSite.OutProj].Density, 0.01);
        }

        Assert.Throws<InvalidOperationException>(() => new Mamba2Decoder(model).WithSpikeRate(rate, ids));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.WithSpikeRate(1.5, ids));
    }
}
