namespace SpikeEngine.Kernels;

/// <summary>Where one head of one sequence lies among tokens of all heads side by side.</summary>
/// <param name="Length">Tokens, T.</param>
/// <param name="HeadDim">P: channels of the head.</param>
/// <param name="Stride">Floats from one token to the next.</param>
public readonly record struct AttentionHead(int Length, int HeadDim, int Stride)
{
    /// <summary>Queries that go through attention together: their rows of the map stay in the second-level cache.</summary>
    public const int Block = 64;

    /// <summary>The keys that the queries from <paramref name="first"/> on may see at all begin here.</summary>
    /// <param name="firstKeys">[T]: the first key that each query sees, never falling; empty for key 0.</param>
    /// <param name="first">A query.</param>
    /// <param name="width">The beginning is a multiple of it.</param>
    public static int FirstKey(ReadOnlySpan<int> firstKeys, int first, int width) => firstKeys.IsEmpty ? 0 : firstKeys[first] / width * width;
}
