using SpikeEngine.Kernels;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>However spikes are multiplied, it is the same model.</summary>
[Collection(Lanes.Name)]
public class SpikePathTests
{
    private const int Length = 30;

    [Theory]
    [InlineData(4, 1f, false)]
    [InlineData(8, 0.3f, false)]
    [InlineData(1, 0.7f, true)]
    public void BytesGiveTheSameBitsEveryWay(int levels, float threshold, bool unusual) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = TinyModels.Dense(unusual ? TinyModels.UnusualConfig : null);
        DecoderOptions options = new() { Weights = StorageType.Int8, Spiking = new SpikingConfig { Levels = levels, Threshold = threshold } };
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Mamba2Decoder added = new(model, options with { SpikePath = SpikePath.Accumulate }), dense = new(model, options with { SpikePath = SpikePath.Dense });
        Assert.Equal(added.Forward(ids, batch: 1).ToArray(), dense.Forward(ids, batch: 1).ToArray());
        Assert.Equal(added.WeightBytes, dense.WeightBytes);

        DecoderSession a = added.NewSession(), b = dense.NewSession(), auto = new Mamba2Decoder(model, options).NewSession();
        a.Spikes = new SpikeStatistics(model.Config.LayerCount);
        b.Spikes = new SpikeStatistics(model.Config.LayerCount);
        foreach (int id in ids)
        {
            float[] expected = a.Step(id).ToArray();
            Assert.Equal(expected, b.Step(id).ToArray());
            Assert.Equal(expected, auto.Step(id).ToArray());
        }

        Assert.Equal(a.Spikes.Total, b.Spikes.Total);
    });

    [Theory]
    [InlineData(NeuronKind.TiLif, 4)]
    [InlineData(NeuronKind.TiLif, 1)]
    [InlineData(NeuronKind.ILif, 8)]
    [InlineData(NeuronKind.Lif, 2)]
    public void BytesGiveTheSameBitsInEveryForm(NeuronKind neuron, int levels)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        DecoderOptions options = new()
        {
            Weights = StorageType.Int8, SpikePath = SpikePath.Accumulate, Spiking = new SpikingConfig { Neuron = neuron, Levels = levels, Threshold = 0.3f },
        };
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        DecoderSession pass = Session(SpikeForm.OnePass), planes = Session(SpikeForm.TernaryPlanes), steps = Session(SpikeForm.Expansion);
        foreach (int id in ids)
        {
            float[] expected = pass.Step(id).ToArray();
            Assert.Equal(expected, planes.Step(id).ToArray());
            Assert.Equal(expected, steps.Step(id).ToArray());
        }

        DecoderSession Session(SpikeForm form)
        {
            Mamba2Decoder decoder = new(model, options with { SpikeForm = form });
            Assert.Equal(form, decoder.SpikeForm);
            return decoder.NewSession();
        }
    }

    [Theory]
    [InlineData(StorageType.Float32)]
    [InlineData(StorageType.BFloat16)]
    public void OtherTypesAreCloseBothWays(StorageType type)
    {
        Mamba2LanguageModel model = TinyModels.Student(TinyModels.Dense());
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        DecoderSession a = Session(SpikePath.Accumulate), b = Session(SpikePath.Dense);
        foreach (int id in ids)
            Close.Assert(a.Step(id), b.Step(id));

        DecoderSession Session(SpikePath path) => new Mamba2Decoder(model, new DecoderOptions { Weights = type, SpikePath = path }).NewSession();
    }
}
