using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// Causal attention of all heads of one text: with softmax, in turns with multiply-adds, and with spikes, from floats to floats and on bits alone (packed queries, keys and
/// values to the sums' digits), in turns with that. A spiking one does the work of T maps.
/// </summary>
internal static class AttentionBench
{
    private const int Heads = 12;
    private const int HeadDim = 64;

    private static readonly int[] s_lengths = [256, 1024, 2048];
    private static readonly int[] s_steps = [2, 4];
    private static readonly double[] s_densities = [0.05, 0.2, 0.4];

    public static int RowCount => s_lengths.Length * (1 + 2 * s_steps.Length * s_densities.Length);

    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        LifOptions neuron = new() { Tau = 10f, Threshold = 0.7f };
        foreach (int length in s_lengths)
        {
            Tensor q = Normal("q", length), k = Normal("k", length), v = Normal("v", length);
            Func<Tensor> dense = () => Ops.CausalAttention(q, k, v, Heads);
            Rounds[] rounds = context.Measure(Rounds.WarmUp, 1, () => MachinePeak.RunMulAdds(), dense);
            (int, int, int) shape = (length, HeadDim, Heads * HeadDim);
            long flops = Heads * CausalAttentionForward.Flops(new AttentionHead(length, HeadDim, Heads * HeadDim));
            yield return context.Counted("attention", rounds[0], shape, flops, rounds[1]);
            foreach (int steps in s_steps)
            {
                foreach (double density in s_densities)
                {
                    Tensor sq = Spikes("q", steps, length, density), sk = Spikes("k", steps, length, density), sv = Spikes("v", steps, length, density);
                    Rounds[] all = Rounds.InTurns(
                        BenchContext.Budget, Rounds.WarmUp, context.Cancellation, context.Scoped(() => Ops.SpikingAttention(sq, sk, sv, Heads, neuron).O),
                        Ops.SpikingAttentionOnBits(sq, sk, sv, Heads, neuron), context.Scoped(dense));
                    yield return Row("spike_attention", all[0]);
                    yield return Row("spike_attention_bits", all[1]);

                    BenchRow Row(string kernel, Rounds rounds) =>
                        rounds.Row(kernel, shape) with { Density = density, Levels = steps, SpeedupVsDense = all[2].Median / rounds.Median };
                }
            }
        }
    }

    private static Tensor Normal(string name, int length) => Tensor.RandomNormal(new SeededRandom(1, name), 1, length, Heads * HeadDim);

    private static Tensor Spikes(string name, int steps, int length, double density)
    {
        SeededRandom random = new(1, name);
        Tensor spikes = Tensor.Zeros(steps, 1, length, Heads * HeadDim);
        foreach (ref float spike in spikes.Values)
            spike = random.NextFloat() < density ? 1f : 0f;
        return spikes;
    }
}
