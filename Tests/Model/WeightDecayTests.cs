using SpikeEngine.Model;

namespace SpikeEngine.Tests.Model;

public class WeightDecayTests
{
    [Fact]
    public void Only_matrices_and_the_convolution_decay()
    {
        Mamba2LanguageModel model = TinyModels.Dense(TinyModels.Config with { UseBias = true, UseConvBias = true, TieEmbeddings = false });
        string[] decaying = ["embeddings.weight", "in_proj.weight", "conv1d.weight", "out_proj.weight", "lm_head.weight"];
        string[] keeping = ["A_log", ".D", "dt_bias", "norm.weight", "norm_f.weight", ".bias"];

        Assert.All(model.Parameters(), p =>
        {
            Assert.True(decaying.Any(p.Path.EndsWith) ^ keeping.Any(p.Path.EndsWith), $"{p.Path} is in neither list, or in both");
            Assert.Equal(decaying.Any(p.Path.EndsWith), p.Decays);
        });
    }
}
