using System.Numerics;

namespace SpikeEngine.Model.Opt;

/// <summary>Binary digits of whole numbers that are kept as floats.</summary>
internal static class Digits
{
    /// <summary>How many digits a number has.</summary>
    public static int Of(float largest) => BitOperations.Log2((uint)largest) + (largest >= 1f ? 1 : 0);

    /// <summary>One digit of every number.</summary>
    public static void At(ReadOnlySpan<float> numbers, int place, Span<float> digits)
    {
        for (int i = 0; i < numbers.Length; i++)
            digits[i] = ((int)numbers[i] >> place) & 1;
    }

    /// <summary>How many digits are 1.</summary>
    public static long Count(ReadOnlySpan<float> numbers, int digits)
    {
        long count = 0;
        foreach (float number in numbers)
            count += BitOperations.PopCount((uint)number & ((1u << digits) - 1));
        return count;
    }
}
