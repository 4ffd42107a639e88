namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Mamba() =>
    [
        new("Silu", t => Ops.Silu(t[0]), [[3, 29]], [[70_001]]),
        new("RmsNorm", t => Ops.RmsNorm(t[0], t[1]), [[3, 37], [37]], [[500, 129], [129]]),
        new("Linear", t => Ops.Linear(t[0], t[1], t[2]), [[2, 5, 19], [7, 19], [7]], [[300, 129], [65, 129], [65]]),
        new("TiLif", t => Ops.TiLif(t[0], threshold: 0.7f, compensation: 0.25f), [[5, 29]], [[70_001]]),
    ];
}
