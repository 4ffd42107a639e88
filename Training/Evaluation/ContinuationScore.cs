namespace SpikeEngine.Training.Evaluation;

/// <summary>How likely a continuation is.</summary>
/// <param name="LogLikelihood">Σ ln p(token | everything before it).</param>
/// <param name="IsGreedy">Whether each of its tokens is the likeliest one: greedy decoding would write it.</param>
public readonly record struct ContinuationScore(double LogLikelihood, bool IsGreedy);
