using SpikeEngine.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
public class TiLifTests
{
    public static TheoryData<string> Cases =>
        [.. GoldenFiles.Files("D_spiking", "tilif_D*.safetensors").Concat(GoldenFiles.Files("D_spiking", "ilif_D*.safetensors")).Select(p => Path.GetFileName(p))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheExpansionIsTheReference(string file)
    {
        using var golden = GoldenCase.Open("D_spiking", file);
        float[] s = golden.Floats("out.s");
        Lanes.AtEveryWidth(() =>
        {
            float[] spikes = new float[golden.Config.GetProperty("D").GetInt32() * s.Length], membrane = new float[spikes.Length];
            Simd.Run(new SpikeExpansion { S = s, Spikes = spikes, Membrane = membrane });

            golden.AssertClose("expand_from_count.spikes", spikes, atol: 0, rtol: 0);
            if (golden.Has("expand_from_count.v"))
                golden.AssertClose("expand_from_count.v", membrane, atol: 0, rtol: 0);
            for (int i = 0; i < s.Length; i++)
                Assert.Equal(s[i], Enumerable.Range(0, spikes.Length / s.Length).Sum(step => spikes[step * s.Length + i]));
        });
    }

    [Theory]
    [InlineData(0.25f)]
    [InlineData(1.7f)]
    public void TheThresholdScalesTheInput(float threshold) => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(-99, 199).Select(i => i * 0.0625f)];
        Tensor input = Tensor.From(x, x.Length);
        input.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor s = Ops.TiLif(input, levels: 3, threshold, alpha: 0.5f);
        s.Grad.Fill(1f);
        tape.Replay();

        for (int i = 0; i < x.Length; i++)
        {
            float u = x[i] / threshold;
            Assert.Equal(Math.Clamp(MathF.Round(u), -3f, 3f), s.Values[i]);
            Assert.Equal(MathF.Abs(u) <= 3f ? 0.5f / threshold : 0f, input.Grad[i]);
        }
    });

    [Fact]
    public void CompensationChangesTheGradientOnly() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(-99, 199).Select(i => i * 0.0625f)];
        Tensor input = Tensor.From(x, x.Length);
        input.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor s = Ops.TiLif(input, levels: 4, threshold: 0.5f, compensation: 0.25f);
        s.Grad.Fill(1f);
        tape.Replay();

        Assert.Equal(Ops.TiLif(input, levels: 4, threshold: 0.5f).Values.ToArray(), s.Values.ToArray());
        for (int i = 0; i < x.Length; i++)
        {
            double u = x[i] / 0.5;
            double expected = ((Math.Abs(u) <= 4 ? 1 : 0) + 0.25 * 4 * (1 - Math.Pow(Math.Tanh(u), 2))) / 0.5;
            Assert.Equal(expected, input.Grad[i], 1e-5);
        }
    });

    [Fact]
    public void NotANumberStaysOne() => Lanes.AtEveryWidth(() =>
    {
        float[] s = new float[17];
        Simd.Run(new TiLifForward { X = [.. Enumerable.Repeat(float.NaN, 17)], Threshold = 1f, Lowest = -4f, Highest = 4f, S = s });
        Assert.All(s, v => Assert.True(float.IsNaN(v)));
    });
}
