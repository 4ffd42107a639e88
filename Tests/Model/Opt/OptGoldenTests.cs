using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Whole models against those that Golden/H_opt/make.py computes from the equations in plain Python.</summary>
[Collection(Lanes.Name)]
public class OptGoldenTests
{
    public static TheoryData<string> Models => ["opt", "opt_post_norm", "bispikclm_paper", "bispikclm_stable"];

    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsAreThose(string name) => Lanes.AtEveryWidth(() =>
    {
        using GoldenCase golden = new(Path.Combine(Folder(name), "expected.safetensors"));
        int[] ids = golden.Tokens("ids");
        golden.AssertClose("logits", ModelFolder.Load<OptLanguageModel>(Folder(name)).Forward(ids, batch: 1).Values);
        var decoder = LanguageDecoder.Load(Folder(name));
        golden.AssertClose("logits", decoder.Forward(ids, batch: 1).Values);
        DecoderSession session = decoder.NewSession();
        golden.AssertClose("logits", [.. ids.SelectMany(id => session.Step(id).ToArray())]);
    });

    [Theory]
    [InlineData("bispikclm_paper")]
    [InlineData("bispikclm_stable")]
    public void MapsAreThose(string name)
    {
        using GoldenCase golden = new(Path.Combine(Folder(name), "expected.safetensors"));
        ForwardTrace trace = new() { KeepsBlockOutputs = false, KeepsAttentionMaps = true };
        ModelFolder.Load(Folder(name)).Hidden(golden.Tokens("ids"), batch: 1, trace);
        Assert.Equal(2, trace.AttentionMaps.Count);
        for (int layer = 0; layer < 2; layer++)
            golden.AssertClose($"map.{layer}", trace.AttentionMaps[layer].Values);
    }

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "H_opt", name);
}
