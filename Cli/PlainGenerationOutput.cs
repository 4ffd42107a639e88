using System.Globalization;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli;

/// <summary>The prompt and its continuation as plain text, and a line about the speed beside it.</summary>
internal sealed class PlainGenerationOutput(TextWriter output, TextWriter error) : IGenerationOutput
{
    public void Begin(string prompt) => output.Write(prompt);

    public void Write(GeneratedPiece piece)
    {
        output.Write(piece.Text);
        output.Flush();
    }

    public void End(GenerationStatistics statistics)
    {
        output.WriteLine();
        output.Flush();
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"prefill {statistics.PromptTokens} tokens at {statistics.PrefillTokensPerSecond:N0} tokens/s, "
            + $"decode {statistics.Tokens} tokens at {statistics.TokensPerSecond:N0} tokens/s"));
    }
}
