using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>Products of integer spikes, encoded anew each time, in turns with the dense product of the same values and the same type of weight.</summary>
internal static class SpikeBench
{
    private static readonly double[] s_densities = [0.05, 0.1, 0.2, 0.3, 0.5];
    private static readonly int[] s_levels = [1, 4];
    private static readonly (int M, int K, int N) s_shape = (512, 768, 3352);
    private static readonly (int M, int K, int N) s_largeShape = (512, 2048, 8512);   // ternary only: it takes a while
    private static readonly (int M, int K, int N) s_vector = (1, 2048, 8512);
    private static readonly double[] s_vectorDensities = [.. s_densities, 0.6];
    private static readonly double[] s_encodedDensities = [0.1, 0.3, 0.5];
    private static readonly (int M, int K, int N)[] s_encodedShapes = [(512, 768, 3352), (512, 1536, 768)];   // both projections at d = 768
    private static readonly (int M, int K, int N) s_encodedVector = (1, 768, 3352);
    private static readonly TimeSpan s_encodeBudget = TimeSpan.FromMilliseconds(100);   // of shares that are a few percent
    private const int EncodedTogether = 100;   // vectors: one takes a microsecond

    /// <summary>How many rows there are, of given shapes or of the usual ones.</summary>
    public static int RowCount((int M, int K, int N)[] shapes) => shapes.Length > 0
        ? shapes.Sum(shape => shape.M == 1 ? s_vectorDensities.Length : 2 * s_densities.Length)
        : 2 * (s_levels.Length + 1) * s_densities.Length
        + s_levels.Length * (s_vectorDensities.Length + (s_encodedShapes.Length + 1) * s_encodedDensities.Length);

    /// <summary>Many vectors, and one with weights from memory; then encoding alone. Of given shapes the products only, of binary spikes.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context, (StorageType Type, string Name) weight, (int M, int K, int N)[] shapes) => shapes.Length > 0
        ? shapes.SelectMany(shape => shape.M == 1 ? One(context, shape, weight, [1], isBinary: true) : Many(context, shape, weight, [1], isBinary: true))
        : Many(context, s_shape, weight, s_levels).Concat(Many(context, s_largeShape, weight, [1])).Concat(One(context, s_vector, weight, s_levels))
            .Concat(s_encodedShapes.SelectMany(shape => EncodeMany(context, shape))).Concat(EncodeOne(context, weight));

    private static IEnumerable<BenchRow> Many(BenchContext context, (int M, int K, int N) shape, (StorageType Type, string Name) type, int[] allLevels, bool isBinary = false)
    {
        Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
        SpikeCase product = new(weight, type.Type);
        TimeSpan warmUp = Rounds.WarmUp;   // of the first density; the others run the same code
        foreach (int levels in allLevels)
        {
            foreach (double density in s_densities)
            {
                Tensor spikes = BenchContext.Spikes(levels, density, shape.M, shape.K, isBinary);
                Rounds[] rounds = context.Measure(
                    warmUp, 1, type.Type == StorageType.Int8 ? MachinePeak.RunByteMulAdds : MachinePeak.RunMulAdds,
                    () => product.Run(spikes, levels, SpikePath.Dense), () => product.Run(spikes, levels, SpikePath.Accumulate));
                warmUp = TimeSpan.Zero;
                yield return context.Dense("dense", rounds[0], shape, type.Name, rounds[^1]) with { Density = density, Levels = levels };
                yield return BenchContext.Spike(rounds[1], rounds[0], shape, type.Name, levels, density, isBinary);
            }
        }
    }

    private static IEnumerable<BenchRow> One(BenchContext context, (int M, int K, int N) shape, (StorageType Type, string Name) type, int[] allLevels, bool isBinary = false)
    {
        VectorCase product = new(BenchContext.Normal("weight", shape.N, shape.K), type.Type);
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in allLevels)
        {
            SpikeEvents events = new(shape.K, levels);
            foreach (double density in s_vectorDensities)
            {
                float[] x = BenchContext.Spikes(levels, density, shape.M, shape.K, isBinary).ToArray();
                Rounds[] rounds = Rounds.InTurns(
                    BenchContext.Budget, warmUp, context.Cancellation, () => product.Multiply(x), () => product.Accumulate(x, events));
                warmUp = TimeSpan.Zero;
                yield return BenchContext.Spike(rounds[1], rounds[0], shape, type.Name, levels, density, isBinary);
            }
        }
    }

    /// <summary>Counting and encoding many vectors, beside a product whose weight is a matrix of floats.</summary>
    private static IEnumerable<BenchRow> EncodeMany(BenchContext context, (int M, int K, int N) shape)
    {
        Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in s_levels)
        {
            foreach (double density in s_encodedDensities)
            {
                Tensor spikes = BenchContext.Spikes(levels, density, shape.M, shape.K);
                Rounds[] rounds = Rounds.InTurns(
                    s_encodeBudget, warmUp, context.Cancellation,
                    () =>
                    {
                        using Workspace.Scope scope = context.Workspace.Open();
                        CountedSpikes counts = SpikeProduct.Count(spikes, levels);
                        _ = new EncodedSpikes(SpikeBlocks.For(shape.M, shape.K, levels, counts.Active, counts.HasNegative), spikes.ValueMemory, out Workspace.Mark mark);
                        mark.Release();
                    },
                    () =>
                    {
                        using Workspace.Scope scope = context.Workspace.Open();
                        Ops.SpikeLinear(spikes, weight, levels: levels, path: SpikePath.Accumulate);
                    });
                warmUp = TimeSpan.Zero;
                yield return Encode(rounds[0], rounds[1], shape, "f32", levels, density);
            }
        }
    }

    /// <summary>A neuron and the encoding of its spikes, beside a product with weights from memory.</summary>
    private static IEnumerable<BenchRow> EncodeOne(BenchContext context, (StorageType Type, string Name) type)
    {
        VectorCase product = new(BenchContext.Normal("weight", s_encodedVector.N, s_encodedVector.K), type.Type, CrossoverBench.PoolBytes);
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in s_levels)
        {
            SpikeEvents events = new(s_encodedVector.K, levels), alone = new(s_encodedVector.K, levels);
            foreach (double density in s_encodedDensities)
            {
                // Vectors that differ, else the processor learns one by heart.
                float[][] vectors = BenchContext.Spikes(levels, density, EncodedTogether, s_encodedVector.K).ToArray().Chunk(s_encodedVector.K).ToArray();
                int next = 0;
                Rounds[] rounds = Rounds.InTurns(
                    s_encodeBudget, warmUp, context.Cancellation,
                    () =>
                    {
                        foreach (float[] vector in vectors)
                            alone.Fire(vector, threshold: 1f);
                    },
                    () => product.Accumulate(vectors[next = (next + 1) % vectors.Length], events));
                warmUp = TimeSpan.Zero;
                yield return Encode(rounds[0].Each(EncodedTogether), rounds[1], s_encodedVector, type.Name, levels, density);
            }
        }
    }

    /// <summary>A row of encoding, against the product that took turns with it and encodes as well.</summary>
    private static BenchRow Encode(Rounds encoding, Rounds both, (int M, int K, int N) shape, string weight, int levels, double density) =>
        encoding.Row("encode", shape) with
        {
            Weight = weight,
            Density = density,
            Levels = levels,
            OfProduct = encoding.Median / (both.Median - encoding.Median),
        };
}
