using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>The channel of the largest magnitude is overwritten in front of a projection: the block again, operation by operation.</summary>
[Collection(Lanes.Name)]
public class PolarizationTests
{
    private const int Length = 12;

    public static TheoryData<bool, SpikeSite, float> Cases
    {
        get
        {
            TheoryData<bool, SpikeSite, float> cases = [];
            foreach (bool spiking in new[] { false, true })
            {
                foreach (SpikeSite site in Enum.GetValues<SpikeSite>())
                {
                    cases.Add(spiking, site, 0f);
                    cases.Add(spiking, site, 1f);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheLargestChannelOfEachTokenIsOverwritten(bool spiking, SpikeSite site, float value)
    {
        Mamba2LanguageModel model = Make(spiking);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Tensor expected = Naive(model, ids, site, value);
        Assert.NotEqual(model.Forward(ids, batch: 1).ToArray(), expected.ToArray());

        Mamba2Decoder decoder = new Mamba2Decoder(model).WithPolarization(site, value);
        Close.Assert(expected.Values, decoder.Forward(ids, batch: 1).Values);
        Mamba2Session session = decoder.NewSession();
        for (int t = 0; t < Length; t++)
            Close.Assert(expected.Values.Slice(t * expected.Columns, expected.Columns), session.Step(ids[t]));
    }

    [Fact]
    public void BothSitesAndThresholdsGoTogether()
    {
        Mamba2LanguageModel model = Make(spiking: true);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Mamba2Decoder both = new Mamba2Decoder(model).WithPolarization(SpikeSite.InProj, 0f).WithPolarization(SpikeSite.OutProj, 1f);
        Mamba2Decoder other = new Mamba2Decoder(model).WithPolarization(SpikeSite.OutProj, 1f).WithPolarization(SpikeSite.InProj, 0f);
        Assert.Equal(both.Forward(ids, batch: 1).ToArray(), other.Forward(ids, batch: 1).ToArray());

        SpikeStatistics spikes = new(model.Config.LayerCount);
        both.WithSpikeRate(0.2, ids).Forward(ids, batch: 1, spikes: spikes);
        Assert.InRange(spikes[0, SpikeSite.InProj].Density, 0.1, 0.25);   // the overwritten channel is among the inputs
    }

    [Fact]
    public void WhatIsNoSiteOrNoNumberIsRefused()
    {
        Mamba2Decoder decoder = new(Make(spiking: false));
        Assert.Throws<ArgumentOutOfRangeException>("site", () => decoder.WithPolarization((SpikeSite)5, 0f));
        Assert.Throws<ArgumentOutOfRangeException>("value", () => decoder.WithPolarization(SpikeSite.InProj, float.NaN));
    }

    private static Mamba2LanguageModel Make(bool spiking)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        return spiking ? TinyModels.Student(model) : model;
    }

    private static Tensor Naive(Mamba2LanguageModel model, int[] ids, SpikeSite site, float value)
    {
        Mamba2Config c = model.Config;
        Tensor residual = Ops.Embedding(Weight("backbone.embeddings.weight"), ids, 1, ids.Length);
        for (int layer = 0; layer < c.LayerCount; layer++)
        {
            string block = $"backbone.layers.{layer}.", mixer = block + "mixer.";
            Tensor u = Seen(Ops.RmsNorm(residual, Weight(block + "norm.weight"), c.NormEpsilon), SpikeSite.InProj);
            Tensor[] zxbcdt = Ops.Split(Ops.Linear(u, Weight(mixer + "in_proj.weight")), [c.DInner, c.ConvChannels, c.HeadCount], axis: -1);
            Tensor xbc = Ops.CausalConv1d(zxbcdt[1], Weight(mixer + "conv1d.weight"), Weight(mixer + "conv1d.bias"), silu: true);
            Tensor dt = Ops.TimeStep(zxbcdt[2], Weight(mixer + "dt_bias"), c.DtLimitLow, c.DtLimitHigh);
            (Tensor y, _) = Ops.Ssd(xbc, dt, Ops.NegExp(Weight(mixer + "A_log")), Weight(mixer + "D"), c.SsdShapeFor(1, ids.Length));
            Tensor gated = Seen(Ops.GatedRmsNorm(y, zxbcdt[0], Weight(mixer + "norm.weight"), c.NormGroup, c.NormEpsilon), SpikeSite.OutProj);
            residual = Ops.Add(residual, Ops.Linear(gated, Weight(mixer + "out_proj.weight")));
        }

        return Ops.Linear(Ops.RmsNorm(residual, Weight("backbone.norm_f.weight"), c.NormEpsilon), Weight("backbone.embeddings.weight"));

        Parameter Weight(string name) => model.Store[name];

        Tensor Seen(Tensor x, SpikeSite here)
        {
            float[][] rows = [.. x.ToArray().Chunk(x.Columns)];
            foreach (float[] row in rows.Where(_ => here == site))
                row[Array.FindIndex(row, v => Math.Abs(v) == row.Max(Math.Abs))] = value;
            Tensor changed = Tensor.Like(x);
            rows.SelectMany(row => row).ToArray().CopyTo(changed.Values);
            return c.Spiking is { } spiking ? Ops.TiLif(changed, spiking.Levels, spiking.Threshold) : changed;
        }
    }
}
