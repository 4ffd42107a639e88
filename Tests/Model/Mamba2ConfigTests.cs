using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model;

public class Mamba2ConfigTests
{
    private static readonly Mamba2Config s_valid = new() { VocabSize = 50288, DModel = 768, LayerCount = 24 };

    public static TheoryData<string, Mamba2Config> Broken => new()
    {
        { "VocabSize", s_valid with { VocabSize = 0 } },
        { "DModel", s_valid with { DModel = -768 } },
        { "LayerCount", s_valid with { LayerCount = 0 } },
        { "DState", s_valid with { DState = 0 } },
        { "HeadDim", s_valid with { HeadDim = 0 } },
        { "HeadDim", s_valid with { HeadDim = 100 } },
        { "GroupCount", s_valid with { GroupCount = 0 } },
        { "GroupCount", s_valid with { GroupCount = 7 } },
        { "Expand", s_valid with { Expand = 0 } },
        { "DConv", s_valid with { DConv = 0 } },
        { "ChunkSize", s_valid with { ChunkSize = 0 } },
        { "InProjRows", s_valid with { Expand = int.MaxValue, DModel = int.MaxValue } },
        { "NormEpsilon", s_valid with { NormEpsilon = float.NaN } },
        { "NormEpsilon", s_valid with { NormEpsilon = -1e-5f } },
        { "DtLimitLow", s_valid with { DtLimitLow = 2f, DtLimitHigh = 1f } },
        { "DtLimitLow", s_valid with { DtLimitLow = -1f } },
        { "DtLimitHigh", s_valid with { DtLimitHigh = float.NaN } },
        { "Levels", s_valid with { Spiking = new SpikingConfig { Levels = 0 } } },
        { "Levels", s_valid with { Spiking = new SpikingConfig { Levels = 9 } } },
        { "Alpha", s_valid with { Spiking = new SpikingConfig { Alpha = 0f } } },
        { "Threshold", s_valid with { Spiking = new SpikingConfig { Threshold = 0f } } },
        { "Threshold", s_valid with { Spiking = new SpikingConfig { Threshold = float.PositiveInfinity } } },
        { "Neuron", s_valid with { Spiking = new SpikingConfig { Neuron = (NeuronKind)7 } } },
        { "Beta", s_valid with { Spiking = new SpikingConfig { Beta = 1.5f } } },
    };

    /// <summary>The published sizes: model width, layers, in_proj rows, convolution channels, heads.</summary>
    [Theory]
    [InlineData(768, 3352, 1792, 24)]
    [InlineData(1024, 4384, 2304, 32)]
    [InlineData(1536, 6448, 3328, 48)]
    [InlineData(2048, 8512, 4352, 64)]
    [InlineData(2560, 10576, 5376, 80)]
    public void DerivedSizesAreThoseOfThePublishedModels(int dModel, int inProjRows, int convChannels, int heads)
    {
        Mamba2Config config = s_valid with { DModel = dModel };
        config.Validate();

        Assert.Equal(2 * dModel, config.DInner);
        Assert.Equal(inProjRows, config.InProjRows);
        Assert.Equal(convChannels, config.ConvChannels);
        Assert.Equal(heads, config.HeadCount);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void ABrokenFieldIsNamed(string field, Mamba2Config config) =>
        Assert.Contains(field, Assert.Throws<ArgumentException>(config.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void TheDefaultNeuronIsValid() => new SpikingConfig().Validate();
}
