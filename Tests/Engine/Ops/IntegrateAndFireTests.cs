using SpikeEngine.Kernels;
using SpikeEngine.Tests.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Engine;

/// <summary>The neurons of SNN2ANN, worked by hand and against a plain loop.</summary>
[Collection(Lanes.Name)]
public class IntegrateAndFireTests
{
    [Fact]
    public void A_hard_reset_forgets_everything_and_the_threshold_is_strict() => Lanes.AtEveryWidth(() =>
    {
        // V_th = 1:  m = 0.5 | 1.0, not above it | 1.25, spikes | 0.25 | 1.75, spikes.   The other one: 3 spikes, nothing is carried over, 1 does not.
        Tensor current = Tensor.From([0.5f, 3f, 0.5f, 1f, 0.25f, 0f, 0.25f, 0.25f, 1.5f, 0f], 5, 1, 2);
        (Tensor? spikes, Tensor counts) = Ops.IntegrateAndFire(current, Tensor.From([1f], 1), new IfOptions { Steps = 5 });
        Assert.Equal([0f, 1f, 0f, 0f, 1f, 0f, 0f, 1f, 1f, 0f], spikes!.ToArray());
        Assert.Equal([2f, 2f], counts.ToArray());
    });

    [Fact]
    public void A_soft_reset_keeps_what_is_above_the_threshold() => Lanes.AtEveryWidth(() =>
    {
        // V_th = 1, I = 0.75 in each step:  0.75 | 1.5, spikes, 0.5 | 1.25, spikes, 0.25 | 1.0, not above it | 1.75, spikes.
        (Tensor? spikes, Tensor counts) = Ops.IntegrateAndFire(
            Tensor.From([0.75f], 1, 1, 1), Tensor.From([1f], 1), new IfOptions { Steps = 5, Reset = MembraneReset.Soft });
        Assert.Equal([0f, 1f, 1f, 0f, 1f], spikes!.ToArray());
        Assert.Equal([3f], counts.ToArray());
    });

    [Theory]
    [InlineData(MembraneReset.Hard, 0f)]
    [InlineData(MembraneReset.Soft, 0f)]
    [InlineData(MembraneReset.Hard, 0.5f)]
    public void Any_number_of_neurons_and_images_is_a_loop(MembraneReset reset, float dropout) => Lanes.AtEveryWidth(() =>
    {
        foreach ((int images, int neurons) in new[] { (1, 1), (3, 37), (2, 5001) })
        {
            SeededRandom random = new(3, "if");
            Tensor current = Tensor.RandomNormal(random, 4, images, neurons), thresholds = Tensor.RandomUniform(random, neurons);
            RandomKey[] keys = [.. Enumerable.Range(0, 4).Select(_ => random.NextKey())];
            IfOptions options = new() { Steps = 4, Reset = reset, MembraneDropout = dropout, DropoutKeys = keys };
            (Tensor? spikes, Tensor counts) = Ops.IntegrateAndFire(current, thresholds, options);
            float[] expected = Loop(current, thresholds, reset, dropout, keys);
            Assert.Equal(expected, spikes!.ToArray());
            for (int i = 0; i < images * neurons; i++)
                Assert.Equal(Enumerable.Range(0, 4).Sum(t => expected[t * images * neurons + i]), counts.Values[i]);

            // An image alone drops what it drops among others.
            Tensor last = Tensor.From([.. Enumerable.Range(0, 4).SelectMany(t => current.Values.Slice((t * images + images - 1) * neurons, neurons).ToArray())], 4, 1, neurons);
            Tensor alone = Ops.IntegrateAndFire(last, thresholds, options with { FirstImage = images - 1 }, countsOnly: true).Counts;
            Assert.Equal(counts.Values[((images - 1) * neurons)..].ToArray(), alone.ToArray());
        }
    });

    [Fact]
    public void Nothing_is_multiplied_unless_membranes_drop()
    {
        float[] current = [.. Enumerable.Range(0, 40).Select(i => i / 20f)], counts = new float[20], thresholds = [.. Enumerable.Repeat(0.5f, 20)];
        (_, long multiplies) = CountingLanes.Count(new IntegrateAndFire
        {
            Steps = 2, Current = current, CurrentStride = 20, Threshold = thresholds, IsSoft = true, Spikes = new float[40], SpikeStride = 20, Counts = counts,
        });
        Assert.Equal(0, multiplies);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Tensor current = Tensor.Zeros(3, 2, 5);
        Assert.Contains("current is [3, 2, 5]", Assert.Throws<ArgumentException>(() => Ops.IntegrateAndFire(current, Tensor.Ones(5), new IfOptions { Steps = 4 })).Message, StringComparison.Ordinal);
        Assert.Contains("threshold is [4]", Assert.Throws<ArgumentException>(() => Ops.IntegrateAndFire(current, Tensor.Ones(4), new IfOptions { Steps = 3 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Ops.IntegrateAndFire(current, Tensor.Ones(5), new IfOptions { Steps = 3, MembraneDropout = 0.5f }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.IntegrateAndFire(current, Tensor.Ones(5), new IfOptions { Steps = 3, MembraneDropout = 1f }));
    }

    private static float[] Loop(Tensor current, Tensor thresholds, MembraneReset reset, float dropout, RandomKey[] keys)
    {
        (int steps, int images, int neurons) = (current.Shape[0], current.Shape[1], current.Shape[2]);
        float[] spikes = new float[current.Count];
        for (int image = 0; image < images; image++)
        {
            for (int i = 0; i < neurons; i++)
            {
                float v = 0f, threshold = thresholds.Values[i];
                for (int t = 0; t < steps; t++)
                {
                    DropoutMask mask = new(keys[t], (uint)(dropout * 4_294_967_296.0));
                    if (t > 0 && dropout > 0f)
                        v = mask.Keeps(image * (neurons + neurons % 2) + i) ? v * (1f / (1f - dropout)) : 0f;
                    int at = (t * images + image) * neurons + i;
                    float m = current.Values[at] + v;
                    spikes[at] = m > threshold ? 1f : 0f;
                    v = m > threshold ? reset == MembraneReset.Soft ? m - threshold : 0f : m;
                }
            }
        }

        return spikes;
    }
}
