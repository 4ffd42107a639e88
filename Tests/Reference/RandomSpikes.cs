namespace SpikeEngine.Tests.Reference;

/// <summary>Integer spikes in [-levels, levels], of which about a given share is not zero.</summary>
public static class RandomSpikes
{
    public static float[] Array(int length, int levels, double density)
    {
        SeededRandom random = new(5, $"{length} {levels} {density}");
        float[] s = new float[length];
        foreach (ref float spike in s.AsSpan())
            spike = random.NextFloat() < density ? (1 + random.NextInt(levels)) * (random.NextInt(2) == 0 ? 1 : -1) : 0;
        return s;
    }
}
