using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>One number in the place of each token's largest channel, against a model written down here from its equations.</summary>
[Collection(Lanes.Name)]
public class PolarizationTests
{
    private const int Length = 20;

    [Theory]
    [InlineData(SpikeSite.InProj, 0f, false)]
    [InlineData(SpikeSite.InProj, 1f, true)]
    [InlineData(SpikeSite.OutProj, 1f, false)]
    [InlineData(SpikeSite.OutProj, 0f, true)]
    public void SequencesAndStepsAreTheNaiveModel(SpikeSite site, float value, bool spiking)
    {
        Mamba2LanguageModel dense = TinyModels.Dense(), model = spiking ? TinyModels.Student(dense) : dense;
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Mamba2Decoder before = new(model), decoder = before.WithPolarization(site, value);
        Tensor plain = before.Forward(ids, batch: 1), expected = Naive(model, ids, site, value);
        Close.Assert(plain.Values, Naive(model, ids, site: null, value).Values);

        Assert.NotEqual(plain.ToArray(), decoder.Forward(ids, batch: 1).ToArray());
        Close.Assert(expected.Values, decoder.Forward(ids, batch: 1).Values);
        DecoderSession session = decoder.NewSession();
        for (int t = 0; t < Length; t++)
            Close.Assert(expected.Values.Slice(t * expected.Columns, expected.Columns), session.Step(ids[t]));
        Assert.Equal(plain.ToArray(), before.Forward(ids, batch: 1).ToArray());
    }

    [Fact]
    public void SpikesAreThoseOfWhatIsWrittenOver()
    {
        Mamba2LanguageModel model = TinyModels.Student(TinyModels.Dense());
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        SpikeStatistics plain = new(model.Config.LayerCount), polarized = new(model.Config.LayerCount);
        Mamba2Decoder decoder = new(model);
        decoder.Forward(ids, batch: 1, spikes: plain);
        decoder.WithPolarization(SpikeSite.InProj, 0f).Forward(ids, batch: 1, spikes: polarized);
        Assert.Equal(plain[0, SpikeSite.InProj].Active - Length, polarized[0, SpikeSite.InProj].Active);
    }

    [Fact]
    public void ImpossibleArgumentsAreRefused()
    {
        Mamba2Decoder decoder = new(TinyModels.Dense());
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.WithPolarization((SpikeSite)7, 0f));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.WithPolarization(SpikeSite.InProj, float.NaN));
    }

    private static Tensor Naive(Mamba2LanguageModel model, int[] ids, SpikeSite? site, float value)
    {
        Mamba2Config c = model.Config;
        Tensor embedding = Weight(ModelTensors.Embedding), residual = new(1, ids.Length, c.DModel);
        for (int t = 0; t < ids.Length; t++)
            embedding.Values.Slice(ids[t] * c.DModel, c.DModel).CopyTo(residual.Values[(t * c.DModel)..]);
        for (int layer = 0; layer < c.LayerCount; layer++)
        {
            string block = $"backbone.layers.{layer}.", mixer = block + "mixer.";
            Tensor u = Ops.RmsNorm(residual, Weight(block + "norm.weight"), c.NormEpsilon);
            Tensor zxbcdt = Ops.Linear(Input(u, SpikeSite.InProj), Weight(mixer + "in_proj.weight"));
            Tensor[] parts = Ops.Split(zxbcdt, [c.DInner, c.ConvChannels, c.HeadCount], axis: -1);
            Tensor xbc = Ops.CausalConv1d(parts[1], Weight(mixer + "conv1d.weight"), Weight(mixer + "conv1d.bias"), silu: true);
            Tensor dt = Ops.TimeStep(parts[2], Weight(mixer + "dt_bias"), c.DtLimitLow, c.DtLimitHigh);
            (Tensor y, _) = Ops.Ssd(xbc, dt, Ops.NegExp(Weight(mixer + "A_log")), Weight(mixer + "D"), c.SsdShapeFor(1, ids.Length));
            Tensor gated = Ops.GatedRmsNorm(y, parts[0], Weight(mixer + "norm.weight"), c.NormGroup, c.NormEpsilon);
            residual = Ops.Add(residual, Ops.Linear(Input(gated, SpikeSite.OutProj), Weight(mixer + "out_proj.weight")));
        }

        return Ops.Linear(Ops.RmsNorm(residual, Weight("backbone.norm_f.weight"), c.NormEpsilon), embedding);

        Tensor Weight(string name) => model.Store[name];

        Tensor Input(Tensor x, SpikeSite here)
        {
            float[] values = x.ToArray();
            for (int row = 0; row < x.Rows && site == here; row++)
            {
                Span<float> token = values.AsSpan(row * x.Columns, x.Columns);
                token[token.ToArray().Select(MathF.Abs).ToList().IndexOf(token.ToArray().Max(MathF.Abs))] = value;
            }

            return Tensor.From(c.Spiking is null ? values : [.. values.Select(v => Math.Clamp(MathF.Round(v), -4f, 4f))], 1, x.Rows, x.Columns);
        }
    }
}
