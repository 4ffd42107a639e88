namespace SpikeEngine.Training.Data;

/// <summary>A hash that is the same in every process, on every machine and in every version, unlike <c>GetHashCode</c>.</summary>
internal static class StableHash
{
    /// <summary>FNV-1a of 64 bits, then MurmurHash3's finaliser: FNV's high bits alone vary too little.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in bytes)
            hash = (hash ^ value) * 0x100000001B3;

        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
