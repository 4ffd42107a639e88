namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Arithmetic() =>
    [
        new("Add", t => Ops.Add(t[0], t[1]), [[3, 29], [3, 29]], [[70_001], [70_001]]),
        new("Add a row", t => Ops.Add(t[0], t[1]), [[2, 3, 19], [19]], [[30, 40, 129], [129]]),
        new("Sub a column", t => Ops.Sub(t[0], t[1]), [[5, 19], [5, 1]], [[300, 129], [300, 1]]),
        new("Sub a number", t => Ops.Sub(t[0], t[1]), [[1], [5, 19]], [[1], [70_001]]),
        new("Mul", t => Ops.Mul(t[0], t[1]), [[3, 29], [3, 29]], [[70_001], [70_001]]),
        new("Mul an outer product", t => Ops.Mul(t[0], t[1]), [[2, 1, 17], [4, 1]], [[40, 1, 50], [30, 1]]),
        new("Mul a sequence", t => Ops.Mul(t[0], t[1]), [[3, 2, 9], [2, 9]], [[3, 200, 129], [200, 129]]),
        new("Mul with itself", t => Ops.Mul(t[0], t[0]), [[3, 9]], [[70_001]]),
        new("Div", t => Ops.Div(t[0], t[1]), [[3, 1, 21], [4, 1]], [[40, 1, 50], [30, 1]]) { Adjust = (_, x) => Positive(x) },
        new("Maximum", t => Ops.Maximum(t[0], t[1]), [[3, 21], [21]], [[300, 129], [129]]),
        new("Minimum", t => Ops.Minimum(t[0], t[1]), [[3, 21], [3, 1]], [[300, 129], [300, 1]]),
        new("Where", t => Ops.Where(t[0], t[1], t[2]), [[2, 1, 21], [3, 1], [21]], [[300, 1], [300, 129], [129]])
        {
            Constants = [0], Adjust = (i, x) => Signs(i, x),
        },
        new("Mul by a comparison", t => Ops.Mul(Ops.Greater(t[0], t[1]), t[0]), [[3, 21], [21]], [[300, 129], [129]]) { Constants = [1] },
        new("Mse", t => Ops.Mse(t[0], t[1]), [[3, 29], [3, 29]], [[70_001], [70_001]]),
        new("Mse sum", t => Ops.Mse(t[0], t[1], Reduction.Sum), [[3, 9], [3, 9]], [[300, 129], [300, 129]]) { Tolerance = 1e-4 },
        new("Mse none", t => Ops.Mse(t[0], t[1], Reduction.None), [[3, 29], [3, 29]], [[70_001], [70_001]]),
        new(
            "Operators", t => (1f - (t[0] + 2f) * (3f * -t[0]) - 4f) / (5f / t[1]) / 6f * t[1] - t[0],
            [[3, 21], [3, 1]], [[300, 129], [300, 1]])
        {
            Adjust = (_, x) => Positive(x),
        },
        OfOne("Sigmoid", Ops.Sigmoid),
        OfOne("Softplus", Ops.Softplus),
        OfOne("LogSigmoid", Ops.LogSigmoid),
        OfOne("Tanh", Ops.Tanh),
        OfOne("Exp", Ops.Exp),
        OfOne("NegExp", Ops.NegExp),
        OfOne("Gelu", Ops.Gelu),
        OfOne("GeluTanh", Ops.GeluTanh),
        OfOne("Square", Ops.Square),
        OfOne("Neg", Ops.Neg),
        OfOne("Abs", Ops.Abs),
        OfOne("Relu", Ops.Relu),
        OfOne("Clamp", x => Ops.Clamp(x, -0.5f, 0.75f)),
        OfOne("Scale", x => Ops.Scale(x, -2.5f)),
        OfOne("Pow", x => Ops.Pow(x, -1.7f)) with { Adjust = (_, x) => Positive(x) },
        OfOne("Pow of any number", x => Ops.Pow(x, 3f)),
        OfOne("Log", Ops.Log) with { Adjust = (_, x) => Positive(x) },
        OfOne("Sqrt", Ops.Sqrt) with { Adjust = (_, x) => Positive(x) },
        OfOne("Rsqrt", Ops.Rsqrt) with { Adjust = (_, x) => Positive(x) },
    ];

    private static OpRow OfOne(string name, Func<Tensor, Tensor> operation) => new(name, t => operation(t[0]), [[3, 29]], [[70_001]]);

    /// <summary>0 or 1 for the first input.</summary>
    private static void Signs(int input, Memory<float> values)
    {
        if (input > 0)
            return;
        foreach (ref float value in values.Span)
            value = value > 0 ? 1f : 0f;
    }
}
