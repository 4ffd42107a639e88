namespace SpikeEngine.Kernels;

/// <summary>Where the bits of a half are, and where a float has them.</summary>
internal static class HalfBits
{
    internal const uint Sign = 0x8000;
    internal const uint Magnitude = 0x7FFF;
    internal const int SignShift = 16;
    internal const int MantissaShift = 13;              // 23 bits of mantissa against 10
    internal const int Infinity = 0x7C00 << MantissaShift;
    internal const uint SingleExponent = 0x7F80_0000;
    internal const float Rescale = 5.192296858534828e33f;   // 2^112: the exponents' biases are 127 and 15
}
