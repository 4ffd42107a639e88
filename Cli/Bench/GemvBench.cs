namespace SpikeEngine.Cli.Bench;

/// <summary>Products with one vector, for each way of storing the weights, as shares of reading as many bytes from memory.</summary>
internal static class GemvBench
{
    private static readonly (int M, int K, int N)[] s_shapes = [(1, 768, 3352), (1, 2048, 8512), (1, 768, 50288)];

    /// <summary>How many rows there are.</summary>
    public static int RowCount => s_shapes.Length * WeightTypes.All.Length;

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        ReadYardstick reading = new();
        foreach ((int M, int K, int N) shape in s_shapes)
        {
            Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
            float[] x = BenchContext.Normal("x", 1, shape.K).ToArray();
            foreach ((StorageType type, string name) in WeightTypes.All)
            {
                VectorCase product = new(weight, type);
                double read = 0;
                Rounds[] rounds = Rounds.InTurns(
                    BenchContext.Budget, Rounds.WarmUp, context.Cancellation,
                    () => product.Multiply(x),
                    () => read = reading.Run());
                double gbs = product.Bytes / rounds[0].Median / 1e9, peak = read / rounds[1].Median / 1e9;
                yield return rounds[0].Row("gemv", shape) with { Weight = name, Gbs = gbs, OfPeak = gbs / peak };
            }
        }
    }
}
