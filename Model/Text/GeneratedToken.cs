namespace SpikeEngine.Model.Text;

/// <summary>A token that the model chose.</summary>
/// <param name="Id">Its id.</param>
public sealed record GeneratedToken(int Id)
{
    /// <summary>
    /// Natural logarithm of its probability in the model's own distribution, before temperature and filters;
    /// <see langword="null"/> unless <see cref="GenerationOptions.LogProbabilities"/> asks for it.
    /// </summary>
    public double? LogProbability { get; init; }

    /// <summary>The most likely tokens at this place, the likeliest first, as many as were asked for.</summary>
    public IReadOnlyList<TokenLogProbability> Alternatives { get; init; } = [];
}
