namespace SpikeEngine.Tests.Reference;

/// <summary>Comparisons relative to the largest value.</summary>
internal static class Close
{
    public static void Assert(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance = 1e-4)
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        double scale = 1e-6;
        foreach (float value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
            Xunit.Assert.Equal(0, (actual[i] - expected[i]) / scale, tolerance);
    }
}
