namespace SpikeEngine.Model.Text;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model chose the token that ends a text.</summary>
    EndOfText,

    /// <summary>The model chose one of <see cref="GenerationOptions.StopTokens"/>.</summary>
    StopToken,

    /// <summary>One of <see cref="GenerationOptions.StopStrings"/> was complete.</summary>
    StopString,

    /// <summary>There were <see cref="GenerationOptions.MaxTokens"/>.</summary>
    MaxTokens,

    /// <summary>The text is as long as the model has positions for.</summary>
    MaxLength,

    /// <summary>The caller asked for it.</summary>
    Cancelled,
}
