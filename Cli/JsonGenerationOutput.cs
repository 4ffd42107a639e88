using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli;

/// <summary>JSON lines: one for each piece of text, and a last one, the only one with a finish reason, for the whole.</summary>
internal sealed class JsonGenerationOutput(TextWriter output) : IGenerationOutput
{
    private readonly StringBuilder _text = new();
    private readonly List<TokenLine> _tokens = [];

    public void Begin(string prompt)
    {
    }

    public void Write(GeneratedPiece piece)
    {
        TokenLine[] tokens = [.. piece.Tokens.Select(TokenLine.Of)];
        _text.Append(piece.Text);
        _tokens.AddRange(tokens);
        output.WriteLine(JsonSerializer.Serialize(new PieceLine(piece.Text, tokens), GenerationJson.Default.PieceLine));
        output.Flush();
    }

    public void End(GenerationStatistics statistics)
    {
        SummaryLine summary = new(
            _text.ToString(), _tokens, statistics.FinishReason, statistics.PromptTokens, statistics.Tokens,
            statistics.PrefillTime.TotalSeconds, statistics.DecodeTime.TotalSeconds,
            statistics.PrefillTokensPerSecond, statistics.TokensPerSecond);
        output.WriteLine(JsonSerializer.Serialize(summary, GenerationJson.Default.SummaryLine));
        output.Flush();
    }
}

/// <summary>A token; what was not asked for is left out.</summary>
internal sealed record TokenLine(int Id, double? Logprob, IReadOnlyList<LikelyToken>? TopLogprobs)
{
    public static TokenLine Of(GeneratedToken token) => new(
        token.Id, token.LogProbability,
        token.Alternatives.Count == 0 ? null : [.. token.Alternatives.Select(t => new LikelyToken(t.Token, t.LogProbability))]);
}

/// <summary>One of the most likely tokens.</summary>
internal sealed record LikelyToken(int Id, double Logprob);

/// <summary>A piece of text.</summary>
internal sealed record PieceLine(string Text, IReadOnlyList<TokenLine> Tokens);

/// <summary>The whole.</summary>
internal sealed record SummaryLine(
    string Text, IReadOnlyList<TokenLine> Tokens, FinishReason? FinishReason, int PromptTokens, int GeneratedTokens, double PrefillSeconds,
    double DecodeSeconds, double PrefillTokensPerSecond, double DecodeTokensPerSecond);

/// <summary>JSON of <c>spike generate --json</c>, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(FinishReasonConverter)])]
[JsonSerializable(typeof(PieceLine))]
[JsonSerializable(typeof(SummaryLine))]
internal sealed partial class GenerationJson : JsonSerializerContext;

/// <summary>Writes <c>end_of_text</c> and the like.</summary>
internal sealed class FinishReasonConverter() : JsonStringEnumConverter<FinishReason>(JsonNamingPolicy.SnakeCaseLower);
