using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Opt;

[Collection(Lanes.Name)]
public class OptModelCheckTests
{
    [Theory]
    [MemberData(nameof(TinyOpt.All), MemberType = typeof(TinyOpt))]
    public void A_model_agrees_with_itself(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        Assert.All(ModelCheck.Run(model.ToDecoder(), TinyOpt.Tokens(70), threads: 3), row => Assert.True(row.Passes, row.ToString()));
    }

    [Theory]
    [InlineData("embed_tokens.weight", "embedding")]
    [InlineData("embed_positions.weight", "embedding")]
    [InlineData("layers.1.self_attn.v_proj.weight", "step by step")]
    [InlineData("layers.1.self_attn.v_proj.weight", "two pieces")]
    [InlineData("layers.0.fc2.bias", "step by step")]
    [InlineData("decoder.final_layer_norm.weight", "norm and head")]
    [InlineData("embed_tokens.weight", "norm and head")]
    public void A_fault_in_one_way_is_found_in_its_row(string path, string row)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Stable), faulty = TinyOpt.Model(TinyOpt.Stable);
        Parameter parameter = faulty.Parameters().Single(p => p.Path.EndsWith(path, StringComparison.Ordinal));
        foreach (ref float value in parameter.Values)
            value = value * 1.5f + 0.05f;

        ModelCheckRow[] right = Rows(model), wrong = Rows(faulty);
        Assert.All(right, each => Assert.True(each.Passes, each.ToString()));
        Assert.False(wrong.Single(each => each.Name.StartsWith(row, StringComparison.Ordinal)).Passes);

        ModelCheckRow[] Rows(OptLanguageModel byTokens) =>
            [.. SpikingStepCheck.Run(model.ToDecoder(), byTokens.ToDecoder(), TinyOpt.Tokens(40), tolerance: 1e-3, productTolerance: 1e-3, CancellationToken.None)];
    }
}
