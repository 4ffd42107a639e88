namespace SpikeEngine.Kernels;

/// <summary>The bit fields of an IEEE 754 single.</summary>
internal static class FloatBits
{
    internal const int MantissaBits = 23;
    internal const int Bias = 127;
    internal const int MantissaMask = 0x007F_FFFF;
    internal const int OneBits = 0x3F80_0000;
}
