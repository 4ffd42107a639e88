using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model;

public class DamagedModelTests
{
    [Fact]
    public void Weights_that_are_not_numbers_are_refused_by_name()
    {
        using TemporaryFolder folder = new();
        Mamba2LanguageModel model = TinyModels.Dense();
        model.Blocks[0].Mixer.OutProj.Weight.Values[3] = float.NaN;
        ModelFolder.Save(folder.Path, model);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));
        Assert.Contains("out_proj.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_that_claims_more_than_the_file_has_is_refused_before_memory_is_taken()
    {
        using TemporaryFolder folder = new();
        Mamba2LanguageModel model = TinyModels.Dense();
        ModelFolder.Save(folder.Path, model);
        HuggingFaceConfig.Save(folder.File(ModelFolder.ConfigFile), model.Config with { VocabSize = 50_000_000 });

        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder.Path));
        Assert.Contains("embeddings.weight", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_numbers_are_not_sampled_from(float bad) =>
        Assert.Throws<InvalidDataException>(() => new Sampler(new SamplingOptions()).Next([0f, bad, 1f]));
}
