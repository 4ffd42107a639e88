namespace SpikeEngine.Model.Text;

/// <summary>A token and the natural logarithm of its probability.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">At most 0.</param>
public readonly record struct TokenLogProbability(int Token, double LogProbability);
