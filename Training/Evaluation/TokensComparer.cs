using System.Runtime.InteropServices;

namespace SpikeEngine.Training.Evaluation;

/// <summary>Token ids are equal when they are the same ids in the same order.</summary>
internal sealed class TokensComparer : IEqualityComparer<int[]>
{
    public static TokensComparer Instance { get; } = new();

    public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(int[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
        return hash.ToHashCode();
    }
}
