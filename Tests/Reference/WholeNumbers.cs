namespace SpikeEngine.Tests.Reference;

/// <summary>Small whole numbers: sums of their products are exact in single precision, in any order.</summary>
public static class WholeNumbers
{
    private const int Largest = 8;

    public static float[] Array(string name, params ReadOnlySpan<int> dims)
    {
        SeededRandom random = new(11, name);
        float[] values = new float[new Shape(dims).Count];
        foreach (ref float value in values.AsSpan())
            value = random.NextInt(2 * Largest + 1) - Largest;
        return values;
    }
}
