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

        ModelCheckRow[] right = Rows(model, model), wrong = Rows(model, faulty);
        Assert.All(right, each => Assert.True(each.Passes, each.ToString()));
        Assert.False(wrong.Single(each => each.Name.StartsWith(row, StringComparison.Ordinal)).Passes);

        // Every part gets the right input, so the others are right. The embedding is the head as well.
        string[] parts = path.StartsWith("embed_tokens", StringComparison.Ordinal) ? ["embedding", "norm and head"] : path.StartsWith("layers", StringComparison.Ordinal) ? ["step by step", "two pieces"] : [row];
        Assert.All(wrong.Where(each => !parts.Any(part => each.Name.StartsWith(part, StringComparison.Ordinal))), each => Assert.True(each.Passes, each.ToString()));
    }

    [Fact]
    public void A_fault_in_one_of_many_blocks_is_found()
    {
        OptConfig deep = TinyOpt.Stable with { LayerCount = 24 };
        OptLanguageModel model = TinyOpt.Model(deep), faulty = TinyOpt.Model(deep);
        faulty.Parameters().Single(p => p.Path.EndsWith("layers.17.self_attn.v_proj.weight", StringComparison.Ordinal)).Values.Reverse();
        Assert.All(Rows(model, model), each => Assert.True(each.Passes, each.ToString()));
        Assert.All(Rows(model, faulty)[1..3], each => Assert.False(each.Passes, each.ToString()));
    }

    [Fact]
    public void What_is_not_finite_is_no_agreement()
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Stable);
        model.Parameters().Single(p => p.Path.EndsWith("embed_positions.weight", StringComparison.Ordinal)).Values.Fill(float.NaN);
        Assert.All(Rows(model, model), each => Assert.False(each.Passes, each.ToString()));
    }

    private static ModelCheckRow[] Rows(OptLanguageModel whole, OptLanguageModel byTokens) =>
        [.. SpikingStepCheck.Run(whole.ToDecoder(), byTokens.ToDecoder(), TinyOpt.Tokens(40), tolerance: 1e-3, productTolerance: 1e-3, CancellationToken.None)];
}
