namespace SpikeEngine.Tests.Reference;

/// <summary>Inputs for comparisons with a reference in double, and the comparison.</summary>
public static class FiniteDifferences
{
    /// <summary>A tensor of normal numbers that wants a gradient, or not.</summary>
    public static Tensor Normal(string name, bool needsGrad, params ReadOnlySpan<int> dims)
    {
        SeededRandom random = new(7, name);
        Tensor x = new(dims) { NeedsGrad = needsGrad };
        foreach (ref float value in x.Values)
            value = random.NextNormal();
        return x;
    }

    /// <summary>|actual - expected| ≤ tolerance (1 + |expected|) everywhere.</summary>
    public static void AssertClose(string what, ReadOnlySpan<float> actual, double[] expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
                Assert.Fail($"{what}[{i}]: got {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
