namespace SpikeEngine.Model.Text;

/// <summary>
/// Finds how far down the largest scores one has to go to reach a total, without sorting them: the bits of a score are a
/// number, whose digits are found one after the other, the high ones first, from the totals of the scores that have each.
/// The time does not depend on what the scores are.
/// </summary>
internal sealed class ScoreThreshold
{
    private const int KeyBits = 31;
    private const int DigitBits = 11;   // three digits, the last of nine bits

    private readonly double[] _totals = new double[1 << DigitBits];

    /// <summary>A number that is 0 for a score of 0 and grows as the score falls; equal for equal scores.</summary>
    /// <param name="score">Not above 0.</param>
    public static uint KeyOf(float score) => BitConverter.SingleToUInt32Bits(score) & int.MaxValue;

    /// <summary>The key at which the total of the scores from the largest down reaches <paramref name="wanted"/>.</summary>
    /// <param name="scores">[n], none above 0</param>
    /// <param name="weights">[n] what each adds to the total; empty when each counts for 1</param>
    /// <param name="wanted">The total asked for.</param>
    /// <param name="ahead">The total of the scores above that key, which is below <paramref name="wanted"/>.</param>
    public uint Find(ReadOnlySpan<float> scores, ReadOnlySpan<float> weights, double wanted, out double ahead)
    {
        ahead = 0;
        uint key = 0;
        for (int left = KeyBits; left > 0;)
        {
            int bits = Math.Min(DigitBits, left);
            Span<double> totals = _totals.AsSpan(0, 1 << bits);
            AddUp(scores, weights, key, left, bits, totals);
            left -= bits;

            // Totals are rounded: when none reaches what is wanted, the last one does.
            int digit = 0;
            while (digit < totals.Length - 1 && ahead + totals[digit] < wanted)
                ahead += totals[digit++];
            key = (key << bits) | (uint)digit;
        }

        return key;
    }

    /// <summary>Totals by the next digit, of the scores whose keys begin with the digits found.</summary>
    private static void AddUp(ReadOnlySpan<float> scores, ReadOnlySpan<float> weights, uint found, int left, int bits, Span<double> totals)
    {
        totals.Clear();
        for (int i = 0; i < scores.Length; i++)
        {
            uint key = KeyOf(scores[i]);
            if (key >> left == found)
                totals[(int)(key >> (left - bits)) & (totals.Length - 1)] += weights.IsEmpty ? 1 : weights[i];
        }
    }
}
