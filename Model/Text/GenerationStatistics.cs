namespace SpikeEngine.Model.Text;

/// <summary>What a generation took. It grows while the generation runs; what the caller does between two pieces does not count.</summary>
public sealed class GenerationStatistics
{
    /// <summary>Tokens read before the first one was chosen.</summary>
    public int PromptTokens { get; internal set; }

    /// <summary>Time to read them, and to choose the first token.</summary>
    public TimeSpan PrefillTime { get; internal set; }

    /// <summary>Tokens generated.</summary>
    public int Tokens { get; internal set; }

    /// <summary>Time for all of them but the first.</summary>
    public TimeSpan DecodeTime { get; internal set; }

    /// <summary>Why it ended; <see langword="null"/> while it has not.</summary>
    public FinishReason? FinishReason { get; internal set; }

    /// <summary>Tokens of the prompt read in a second.</summary>
    public double PrefillTokensPerSecond => Speed(PromptTokens, PrefillTime);

    /// <summary>Tokens generated in a second, once the prompt is read; 0 for fewer than two.</summary>
    public double TokensPerSecond => Speed(Tokens - 1, DecodeTime);

    private static double Speed(int tokens, TimeSpan time) => tokens > 0 && time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
