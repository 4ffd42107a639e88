namespace SpikeEngine;

/// <summary>How the numbers of a <see cref="StoredTensor"/> are kept.</summary>
public enum StorageType
{
    /// <summary>Four bytes, as the engine computes.</summary>
    Float32,

    /// <summary>Two bytes: the range of a float with 8 bits of precision.</summary>
    BFloat16,

    /// <summary>Two bytes: IEEE half precision, 11 bits, up to 65,504.</summary>
    Float16,

    /// <summary>One byte, and one scale for each row: w = code * scale with codes from -127 to 127.</summary>
    Int8,
}
