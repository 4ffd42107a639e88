namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Vision() =>
    [
        new("LayerNorm", t => Ops.LayerNorm(t[0], t[1], t[2]), [[3, 37], [37], [37]], [[500, 129], [129], [129]]),
        new("LayerNorm plain", t => Ops.LayerNorm(t[0], eps: 1e-3f), [[2, 3, 19]], [[500, 129]]),
        new("LayerNorm weight only", t => Ops.LayerNorm(t[0], t[1]), [[3, 16], [16]], [[500, 129], [129]]),
        new("BatchNorm2d", t => Ops.BatchNorm2d(t[0], t[1], t[2], Zeros(t[0]), Zeros(t[0]), training: true),
            [[3, 4, 3, 5], [4], [4]], [[5, 24, 17, 13], [24], [24]]),
        new("BatchNorm2d plain", t => Ops.BatchNorm2d(t[0], null, null, Zeros(t[0]), Zeros(t[0]), training: true),
            [[2, 3, 6, 6]], [[5, 24, 17, 13]]),
        new("BatchNorm2d inference", t => Ops.BatchNorm2d(t[0], t[1], t[2], PerChannel(t[0], -0.5f), PerChannel(t[0], 0.5f), training: false),
            [[3, 4, 3, 5], [4], [4]], [[5, 24, 17, 13], [24], [24]]),
        new("Conv2d", t => Ops.Conv2d(t[0], t[1], t[2], padding: 1), [[2, 3, 5, 6], [4, 3, 3, 3], [4]], [[3, 40, 13, 17], [21, 40, 3, 3], [21]]),
        new("Conv2d unpadded", t => Ops.Conv2d(t[0], t[1]), [[2, 3, 5, 20], [7, 3, 2, 3]], [[3, 40, 13, 17], [21, 40, 2, 3]]),
        new("Conv2d pointwise", t => Ops.Conv2d(t[0], t[1], t[2]), [[2, 5, 3, 7], [7, 5, 1, 1], [7]], [[3, 40, 13, 17], [21, 40, 1, 1], [21]]),
        new("Conv2d stride", t => Ops.Conv2d(t[0], t[1], t[2], stride: (2, 3), padding: (1, 2)),
            [[2, 3, 7, 8], [4, 3, 3, 4], [4]], [[3, 40, 23, 27], [21, 40, 3, 4], [21]]),
        new("Conv2d dilation", t => Ops.Conv2d(t[0], t[1], t[2], stride: (1, 2), padding: (2, 3), dilation: (2, 3)),
            [[2, 3, 7, 8], [4, 3, 3, 3], [4]], [[3, 30, 23, 27], [21, 30, 3, 3], [21]]),
        new("Conv2d groups", t => Ops.Conv2d(t[0], t[1], t[2], padding: 1, groups: 2),
            [[2, 4, 5, 6], [6, 2, 3, 3], [6]], [[3, 40, 13, 17], [22, 20, 3, 3], [22]]),
        new("Conv2d depthwise", t => Ops.Conv2d(t[0], t[1], t[2], padding: 1, groups: t[0].Shape[1]),
            [[2, 3, 5, 18], [3, 1, 3, 3], [3]], [[3, 40, 13, 77], [40, 1, 3, 3], [40]]),
        new("Conv2d depthwise stride", t => Ops.Conv2d(t[0], t[1], t[2], stride: 2, padding: (0, 2), dilation: (1, 3), groups: t[0].Shape[1]),
            [[2, 2, 5, 9], [4, 1, 3, 3], [4]], [[3, 40, 13, 37], [80, 1, 3, 3], [80]]),
        new("Conv2d first layer", t => Ops.Conv2d(t[0], t[1], t[2], padding: 2), [[2, 1, 6, 9], [5, 1, 5, 5], [5]], [[30, 1, 28, 28], [5, 1, 5, 5], [5]]),
        new("MaxPool2d", t => Ops.MaxPool2d(t[0], 2), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        new("MaxPool2d padding", t => Ops.MaxPool2d(t[0], (3, 2), (1, 2), 1), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        new("MaxPool2d overlap", t => Ops.MaxPool2d(t[0], 3, 1, 1), [[2, 3, 5, 8]], [[3, 10, 13, 37]]),
        new("MaxPool2d overlap stride", t => Ops.MaxPool2d(t[0], 3, 2, 1), [[2, 3, 5, 8]], [[3, 10, 13, 77]]),
        new("AvgPool2d", t => Ops.AvgPool2d(t[0], 2), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        new("AvgPool2d padding", t => Ops.AvgPool2d(t[0], (3, 2), (1, 2), 1), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        new("AvgPool2d inside", t => Ops.AvgPool2d(t[0], (3, 5), 1, (1, 2), countIncludePad: false), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        new("AvgPool2d global", t => Ops.AvgPool2d(t[0], (t[0].Shape[2], t[0].Shape[3])), [[2, 3, 5, 8]], [[3, 40, 13, 17]]),
        .. from unit in Enum.GetValues<MappingUnit>()
           select new OpRow($"SpikeMapping by {unit}", t => Ops.SpikeMapping(Ops.Relu(t[0]), CountsLike(t[0]), unit), [[3, 29]], [[70_001]]),
        new("Dropout", t => Ops.Dropout(t[0], 0.3f, new SeededRandom(5, "dropout")), [[3, 29]], [[70_001]]),
    ];

    private static Tensor CountsLike(Tensor x) => Tensor.From([.. Enumerable.Range(0, x.Count).Select(i => (float)(i * 7 % 5))], x.Shape.Dims);

    private static Tensor Zeros(Tensor x) => PerChannel(x, 0f);

    private static Tensor PerChannel(Tensor x, float step) =>
        Tensor.From([.. Enumerable.Range(1, x.Shape[1]).Select(c => step * c)], x.Shape[1]);
}
