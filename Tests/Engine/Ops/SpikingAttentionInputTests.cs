using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Engine;

[Collection(Lanes.Name)]
public class SpikingAttentionInputTests
{
    [Theory]
    [InlineData("q", 0.7f)]
    [InlineData("k", 2f)]
    [InlineData("v", -1f)]
    [InlineData("v", float.NaN)]
    public void What_is_no_spike_is_refused_by_name_and_place(string name, float value) => Lanes.AtEveryWidth(() =>
    {
        const int Place = 151;   // in a row's tail at every width
        Dictionary<string, Tensor> x = new[] { "q", "k", "v" }.ToDictionary(each => each, _ => Tensor.Ones(2, 1, 5, 38));
        Ops.SpikingAttention(x["q"], x["k"], x["v"], heads: 2, new LifOptions());
        x[name].Values[Place] = value;
        ArgumentException error = Assert.Throws<ArgumentException>(() => Ops.SpikingAttention(x["q"], x["k"], x["v"], heads: 2, new LifOptions()));
        Assert.Equal(name, error.ParamName);
        Assert.Contains($"at {Place}", error.Message, StringComparison.Ordinal);
    });
}
