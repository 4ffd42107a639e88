namespace SpikeEngine.Cli.Bench;

/// <summary>Products with one vector, for each way of storing the weights, as shares of reading as many bytes from memory.</summary>
internal static class GemvBench
{
    private const long PoolBytes = 1 << 27;   // weights are taken in turn from more than a cache holds
    private static readonly TimeSpan s_budget = TimeSpan.FromMilliseconds(250);
    private static readonly (int M, int K, int N)[] s_shapes = [(1, 768, 3352), (1, 2048, 8512), (1, 768, 50288)];

    /// <summary>How many rows there are.</summary>
    public static int RowCount => s_shapes.Length * BenchContext.Weights.Length;

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context)
    {
        ReadYardstick reading = new();
        foreach ((int M, int K, int N) shape in s_shapes)
        {
            Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
            float[] x = BenchContext.Normal("x", 1, shape.K).ToArray(), y = new float[shape.N];
            foreach ((StorageType type, string name) in BenchContext.Weights)
            {
                InputMajorWeight[] pool = Pool(weight, type);
                int next = 0;
                double read = 0;
                Rounds[] rounds = Rounds.InTurns(
                    s_budget, Rounds.WarmUp, context.Cancellation,
                    () => pool[next++ % pool.Length].Multiply(x, y),
                    () => read = reading.Run());
                double gbs = pool[0].Bytes / rounds[0].Median / 1e9, peak = read / rounds[1].Median / 1e9;
                yield return rounds[0].Row("gemv", shape) with { Weight = name, Gbs = gbs, OfPeak = gbs / peak };
            }
        }
    }

    /// <summary>Copies of a weight that no cache holds together.</summary>
    internal static InputMajorWeight[] Pool(Tensor weight, StorageType type)
    {
        var first = InputMajorWeight.From(weight, type);
        int copies = (int)((PoolBytes + first.Bytes - 1) / first.Bytes);
        return [first, .. Enumerable.Range(1, copies - 1).Select(_ => InputMajorWeight.From(weight, type))];
    }
}
