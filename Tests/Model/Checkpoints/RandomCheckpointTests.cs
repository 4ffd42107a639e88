using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class RandomCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(StorageType.Float32, null)]
    [InlineData(StorageType.Float32, 20_000L)]
    [InlineData(StorageType.BFloat16, null)]
    [InlineData(StorageType.Int8, 5_000L)]
    public void ItIsTheModelOfItsSeed(StorageType type, long? shardBytes)
    {
        RandomCheckpoint.Write(_folder.Path, TinyModels.UnusualConfig, seed: 3, type, shardBytes);
        Mamba2LanguageModel expected = new(TinyModels.UnusualConfig, ParameterStore.Random(seed: 3)), loaded = ModelFolder.Load<Mamba2LanguageModel>(_folder.Path);
        foreach (ModelTensor tensor in ModelTensors.Of(expected.Config))
        {
            Tensor values = tensor.IsMatrix ? StoredTensor.From(expected.Store[tensor.Name], type).ToTensor() : expected.Store[tensor.Name];
            Assert.Equal(values.ToArray(), loaded.Store[tensor.Name].ToArray());
        }

        // Decoding goes straight to the stored bytes.
        Mamba2Decoder decoder = Mamba2Decoder.Load(_folder.Path);
        Assert.Equal(type, decoder.WeightType);
        Assert.Equal(
            new Mamba2Decoder(expected, new DecoderOptions { Weights = type }).NewSession().Step(2).ToArray(), decoder.NewSession().Step(2).ToArray());
        Assert.Equal(shardBytes is not null, Directory.GetFiles(_folder.Path, "model-*").Length > 1);
    }

    [Fact]
    public void MatricesOfAFileBeginOnCacheLines()
    {
        RandomCheckpoint.Write(_folder.Path, TinyModels.Config, seed: 3);
        byte[] bytes = File.ReadAllBytes(_folder.File(ModelFolder.WeightsFile));
        Assert.Equal(0, (8 + BitConverter.ToInt64(bytes)) % 64);
    }

    [Fact]
    public void PublishedSizesAreTheirNames()
    {
        double[] billions = [.. Mamba2Shapes.Names.Select(name => ModelTensors.Of(Mamba2Shapes.Of(name)).Sum(t => (double)new Shape(t.Dims).Count) / 1e9)];
        Assert.Equal([0.13, 0.37, 0.78, 1.34, 2.70], billions.Select(size => Math.Round(size, 2)));
        Assert.Contains("mamba2-130m", Assert.Throws<ArgumentException>(() => Mamba2Shapes.Of("mamba3")).Message, StringComparison.Ordinal);
    }
}
