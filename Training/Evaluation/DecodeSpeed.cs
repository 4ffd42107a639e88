using System.Diagnostics;
using SpikeEngine.Model;

namespace SpikeEngine.Training.Evaluation;

/// <summary>Decoding speed of two models, measured in turns so that a drifting machine hits both alike.</summary>
/// <param name="First">Tokens per second of the first model, median of the rounds.</param>
/// <param name="Second">Of the second.</param>
/// <param name="Ratio">Second over first, median of the rounds' own ratios.</param>
/// <param name="RatioMin">The least of these ratios.</param>
/// <param name="RatioMax">The largest of these ratios.</param>
public sealed record DecodeSpeed(double First, double Second, double Ratio, double RatioMin, double RatioMax)
{
    /// <summary>Measures both on the same text.</summary>
    /// <param name="first">The first model.</param>
    /// <param name="second">The second model.</param>
    /// <param name="tokens">What they read, token by token.</param>
    /// <param name="perRound">Tokens in a round.</param>
    /// <param name="rounds">Rounds that count, after one that does not.</param>
    /// <param name="cancellation">Stops between two rounds.</param>
    public static DecodeSpeed Compare(
        LanguageDecoder first, LanguageDecoder second, ReadOnlyMemory<int> tokens, int perRound, int rounds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perRound);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        perRound = Math.Min(perRound, first.Config.MaxLength ?? perRound);
        DecoderSession a = first.NewSession(), b = second.NewSession();
        double[] speedA = new double[rounds], speedB = new double[rounds], ratio = new double[rounds];
        for (int round = -1; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            double timeA = Time(a, tokens.Span, perRound), timeB = Time(b, tokens.Span, perRound);
            if (round >= 0)
                (speedA[round], speedB[round], ratio[round]) = (perRound / timeA, perRound / timeB, timeA / timeB);
        }

        return new DecodeSpeed(Median(speedA), Median(speedB), Median(ratio), ratio.Min(), ratio.Max());
    }

    private static double Time(DecoderSession session, ReadOnlySpan<int> tokens, int count)
    {
        session.Clear();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            session.Step(tokens[i % tokens.Length]);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
