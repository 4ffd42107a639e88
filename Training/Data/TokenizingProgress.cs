namespace SpikeEngine.Training.Data;

/// <summary>What is being done to have the tokens.</summary>
public enum TokenizingStage
{
    /// <summary>The source is read, to know whether it was tokenised before.</summary>
    Hashing,

    /// <summary>The source is read and tokenised.</summary>
    Tokenizing,

    /// <summary>A cache that was found is read, to know whether it is whole.</summary>
    Verifying,
}

/// <summary>How far it is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Bytes">Bytes read so far.</param>
/// <param name="TotalBytes">Bytes there are.</param>
/// <param name="Tokens">Tokens so far.</param>
public readonly record struct TokenizingProgress(TokenizingStage Stage, long Bytes, long TotalBytes, long Tokens);
