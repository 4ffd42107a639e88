namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Attention() =>
    [
        new("CausalAttention", t => Ops.CausalAttention(t[0], t[1], t[2], heads: 2), [[2, 5, 6], [2, 5, 6], [2, 5, 6]], [[3, 150, 48], [3, 150, 48], [3, 150, 48]]),
        new("CausalAttention of one token", t => Ops.CausalAttention(t[0], t[1], t[2], heads: 3), [[2, 1, 6], [2, 1, 6], [2, 1, 6]], [[200, 1, 90], [200, 1, 90], [200, 1, 90]]),
        new(
            "CausalAttention of documents",
            t => Ops.CausalAttention(t[0], t[1], t[2], heads: 2, Starts(t[0].Shape[0], t[0].Shape[1])), [[2, 9, 6], [2, 9, 6], [2, 9, 6]], [[3, 150, 48], [3, 150, 48], [3, 150, 48]]),
        .. from surrogate in Enum.GetValues<Surrogate>()
           from reset in Enum.GetValues<MembraneReset>()
           from detaches in new[] { false, true }
           where surrogate == Surrogate.Arctan || (reset == MembraneReset.Soft && !detaches)
           select new OpRow(
               $"SpikingAttention of {surrogate}, {reset}{(detaches ? ", detached" : "")}",
               t => Spiking(t, new LifOptions { Tau = 10f, Threshold = 0.7f, Surrogate = surrogate, Reset = reset, DetachesReset = detaches }).O,
               [[2, 2, 5, 6], [2, 2, 5, 6], [2, 2, 5, 6]], [[2, 3, 150, 48], [2, 3, 150, 48], [2, 3, 150, 48]]),
        new(
            "SpikingAttention, the rate of its map",
            t => Spiking(t, new LifOptions { Tau = 10f, Threshold = 0.7f }).Rate!,
            [[3, 2, 5, 6], [3, 2, 5, 6], [3, 2, 5, 6]], [[2, 3, 150, 48], [2, 3, 150, 48], [2, 3, 150, 48]]),
        new(
            "SpikingAttention of heads of one channel, the rate of its map",
            t => Ops.SpikingAttention(Fired(t[0]), Fired(t[1]), Fired(t[2]), heads: 4, new LifOptions { Tau = 10f, Threshold = 0.7f }, keepsRate: true).Rate!,
            [[2, 2, 5, 4], [2, 2, 5, 4], [2, 2, 5, 4]], [[2, 30, 80, 4], [2, 30, 80, 4], [2, 30, 80, 4]]),
        new(
            "SpikingAttention, both results",
            t => Ops.Mul(Ops.Sum(Spiking(t, new LifOptions { Tau = 10f, Threshold = 1.7f }).O), Ops.Sum(Spiking(t, new LifOptions { Tau = 10f, Threshold = 1.7f }).Rate!)),
            [[3, 1, 5, 6], [3, 1, 5, 6], [3, 1, 5, 6]], [[2, 3, 150, 48], [2, 3, 150, 48], [2, 3, 150, 48]]),
        new(
            "SpikingAttention, reset after the leak",
            t => Spiking(t, new LifOptions { Tau = 10f, Threshold = 0.7f, ResetBy = 0.7f / 0.9f }).O,
            [[3, 2, 5, 6], [3, 2, 5, 6], [3, 2, 5, 6]], [[3, 3, 150, 48], [3, 3, 150, 48], [3, 3, 150, 48]]),
        new(
            "SpikingAttention of documents",
            t => Ops.SpikingAttention(Fired(t[0]), Fired(t[1]), Fired(t[2]), heads: 2, new LifOptions { Tau = 10f, Threshold = 0.7f }, Starts(t[0].Shape[1], t[0].Shape[2])).O,
            [[2, 2, 9, 6], [2, 2, 9, 6], [2, 2, 9, 6]], [[2, 3, 150, 48], [2, 3, 150, 48], [2, 3, 150, 48]]),
    ];

    private static SpikingAttentionResult Spiking(Tensor[] t, LifOptions options) =>
        Ops.SpikingAttention(Fired(t[0]), Fired(t[1]), Fired(t[2]), heads: 2, options, keepsRate: true);

    private static Tensor Fired(Tensor x) => Ops.Lif(x, new LifOptions { Threshold = 0.3f }).S;

    /// <summary>Documents begin at tokens 1, 3 and 6, and every 41 tokens.</summary>
    private static bool[] Starts(int batch, int length) => [.. Enumerable.Range(0, batch * length).Select(i => i % length is 1 or 3 or 6 || i % 41 == 7)];
}
