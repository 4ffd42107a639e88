namespace SpikeEngine;

/// <summary>Fills a new parameter.</summary>
/// <param name="values">The parameter's values, to be written.</param>
/// <param name="random">A stream of its own for every path, so that the order of construction does not matter.</param>
public delegate void Initializer(Span<float> values, SeededRandom random);

/// <summary>The usual ways to fill a new parameter.</summary>
public static class Init
{
    /// <summary>All 0.</summary>
    public static Initializer Zeros { get; } = static (values, _) => values.Clear();

    /// <summary>All 1.</summary>
    public static Initializer Ones { get; } = static (values, _) => values.Fill(1f);

    /// <summary>Normal with mean 0.</summary>
    public static Initializer Normal(float deviation) => (values, random) =>
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = deviation * random.NextNormal();
    };

    /// <summary>Uniform in [-bound, bound].</summary>
    public static Initializer Uniform(float bound) => (values, random) =>
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = bound * (2f * random.NextFloat() - 1f);
    };

    /// <summary>
    /// Uniform in ±scale / sqrt(fanIn): what Kaiming-uniform with a = sqrt 5, the default of a linear layer, comes to.
    /// </summary>
    public static Initializer KaimingUniform(int fanIn, float scale = 1f) => Uniform(scale / MathF.Sqrt(fanIn));
}
