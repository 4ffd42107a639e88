using SpikeEngine.Kernels;

namespace SpikeEngine.Benchmarks.Operations;

/// <summary>What is measured.</summary>
internal static class OpCases
{
    private static readonly int[] s_labels = [.. Enumerable.Range(0, 512).Select(i => i * 37 % 4096)];

    /// <summary>Sizes of a training step: some megabytes for each operand, which is beyond the second-level cache.</summary>
    public static IReadOnlyList<OpCase> All { get; } =
    [
        new("Linear", t => Ops.Linear(t[0], t[1]), [512, 768], [3352, 768]),
        new("Linear of one row", t => Ops.Linear(t[0], t[1]), [1, 768], [3352, 768]),
        new("MatMul", t => Ops.MatMul(t[0], t[1]), [1024, 1024], [1024, 1024]),
        new("MatMul batched", t => Ops.MatMul(t[0], t[1], transposeB: true), [64, 64, 128], [64, 64, 128]),
        new("MatMul matrix-vector", t => Ops.MatMul(t[0], t[1]), [4096, 1024], [1024]),
        new("Conv2d 3x3", t => Ops.Conv2d(t[0], t[1], padding: 1), [4, 128, 32, 32], [128, 128, 3, 3]),
        new("Conv2d 1x1", t => Ops.Conv2d(t[0], t[1]), [4, 128, 32, 32], [128, 128, 1, 1]),
        new("Conv2d depthwise", t => Ops.Conv2d(t[0], t[1], padding: 1, groups: 128), [4, 128, 32, 32], [128, 1, 3, 3]),
        new("Ssd", t => Scan(t, 8, 256, heads: 16, headDim: 64, state: 64), [8, 256, 1152], [8, 256, 16], [16], [16]),

        new("CausalConv1d", t => Ops.CausalConv1d(t[0], t[1], t[2]), [8, 256, 1152], [1152, 1, 4], [1152]),
        new("TimeStep", t => Ops.TimeStep(t[0], t[1]), [65_536, 16], [16]),
        new("RmsNorm", t => Ops.RmsNorm(t[0], t[1]), [4096, 512], [512]),
        new("GatedRmsNorm", t => Ops.GatedRmsNorm(t[0], t[1], t[2]), [4096, 512], [4096, 512], [512]),
        new("LayerNorm", t => Ops.LayerNorm(t[0], t[1], t[2]), [4096, 512], [512], [512]),
        new("BatchNorm2d", t => Ops.BatchNorm2d(t[0], t[1], t[2], new Tensor(128), new Tensor(128), training: true), [16, 128, 32, 32], [128], [128]),
        new("MaxPool2d", t => Ops.MaxPool2d(t[0], 2), [16, 128, 32, 32]),
        new("AvgPool2d", t => Ops.AvgPool2d(t[0], 2), [16, 128, 32, 32]),
        new("Dropout", t => Ops.Dropout(t[0], 0.1f, new SeededRandom(1, "dropout")), [4096, 512]),
        new("TiLif", t => Ops.TiLif(t[0], compensation: 0.25f), [4096, 512]),

        new("Add", t => Ops.Add(t[0], t[1]), [4096, 512], [4096, 512]),
        new("Add a row", t => Ops.Add(t[0], t[1]), [4096, 512], [512]),
        new("Mul", t => Ops.Mul(t[0], t[1]), [4096, 512], [4096, 512]),
        new("Mul by a column", t => Ops.Mul(t[0], t[1]), [4096, 512], [4096, 1]),
        new("Div", t => Ops.Div(t[0], t[1]), [4096, 512], [4096, 512]),
        new("Greater", t => Ops.Greater(t[0], t[1]), [4096, 512], [4096, 512]),
        new("Where", t => Ops.Where(t[0], t[1], t[2]), [4096, 512], [4096, 512], [4096, 512]),
        OfOne("Relu", Ops.Relu),
        OfOne("Silu", Ops.Silu),
        OfOne("Gelu", Ops.Gelu),
        OfOne("GeluTanh", Ops.GeluTanh),
        OfOne("Sigmoid", Ops.Sigmoid),
        OfOne("Softplus", Ops.Softplus),
        OfOne("Tanh", Ops.Tanh),
        OfOne("Exp", Ops.Exp),
        OfOne("Log", Ops.Log),
        OfOne("Sqrt", Ops.Sqrt),
        OfOne("Rsqrt", Ops.Rsqrt),
        OfOne("Pow", x => Ops.Pow(x, 1.5f)),
        OfOne("Abs", Ops.Abs),
        OfOne("Clamp", x => Ops.Clamp(x, 0.2f, 0.8f)),

        OfOne("Sum", x => Ops.Sum(x)),
        OfOne("Sum of rows", x => Ops.Sum(x, -1)),
        OfOne("Sum of columns", x => Ops.Sum(x, 0)),
        OfOne("Max of rows", x => Ops.Max(x, -1)),
        OfOne("LogSumExp of rows", x => Ops.LogSumExp(x, -1)),
        OfOne("Variance of rows", x => Ops.Variance(x, -1)),
        OfOne("Prod of rows", x => Ops.Prod(x, -1)),
        OfOne("Softmax", x => Ops.Softmax(x)),
        OfOne("Softmax of columns", x => Ops.Softmax(x, 0)),
        OfOne("LogSoftmax", x => Ops.LogSoftmax(x)),
        OfOne("CumSum", x => Ops.CumSum(x)),
        new("CrossEntropy", t => Ops.CrossEntropy(t[0], s_labels), [512, 4096]),
        new("KLDivergence", t => Ops.KLDivergence(t[0], t[1]), [512, 4096], [512, 4096]),
        new("Mse", t => Ops.Mse(t[0], t[1]), [4096, 512], [4096, 512]),

        new("Embedding", t => Ops.Embedding(t[0], s_labels, 512), [4096, 512]),
        new("IndexSelect", t => Ops.IndexSelect(t[0], s_labels, 0), [4096, 512]),
        new("Gather", t => Ops.Gather(t[0], s_labels, [512, 1], 1), [512, 4096]),
        new("ScatterAdd", t => Ops.ScatterAdd(t[0], s_labels, [512, 1], t[1], 1), [512, 4096], [512, 1]),
        new("Concat", t => Ops.Concat(t, -1), [4096, 256], [4096, 256]),
        OfOne("Slice", x => Ops.Slice(x, 1, 128, 384)),
        OfOne("Pad", x => Ops.Pad(x, 1, 16, 16)),
        OfOne("Transpose", x => Ops.Transpose(x, 0, 1)),
        new("Permute", t => Ops.Permute(t[0], 0, 2, 1, 3), [8, 256, 16, 64]),
        new("Expand", t => Ops.Expand(t[0], 4096, 512), [512]),
        new("Tril", t => Ops.Tril(t[0]), [1024, 2048]),
    ];

    /// <summary>From a few hundred elements to where threads pay.</summary>
    public static IReadOnlyList<OpCase> Small { get; } =
    [
        .. new[] { 256, 4_096, 16_384, 32_768, 65_536, 131_072, 524_288 }.Select(n => new OpCase("Silu", t => Ops.Silu(t[0]), [n])),
        .. new[] { 256, 4_096, 16_384, 32_768, 65_536, 131_072, 524_288 }.Select(n => new OpCase("Add", t => Ops.Add(t[0], t[1]), [n], [n])),
        .. new[] { 8, 32, 64, 128, 512, 2_048 }.Select(n => new OpCase("RmsNorm", t => Ops.RmsNorm(t[0], t[1]), [n, 256], [256])),
        .. new[] { 8, 16, 32, 64, 128, 256 }.Select(n => new OpCase("Linear", t => Ops.Linear(t[0], t[1]), [n, n], [n, n])),
    ];

    private static OpCase OfOne(string name, Func<Tensor, Tensor> operation) => new(name, t => operation(t[0]), [4096, 512]);

    private static Tensor Scan(Tensor[] t, int batch, int length, int heads, int headDim, int state)
    {
        SsdShape shape = new(batch, length, heads, headDim, Groups: 1, state, Chunk: 64);
        return Ops.Ssd(t[0], t[1], Ops.Neg(t[2]), t[3], shape).Y;
    }
}
