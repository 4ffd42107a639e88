namespace SpikeEngine.Model.Text;

/// <summary>
/// How to choose the next token. Definitions and order are those of the logits processors of Hugging Face transformers:
/// repetition penalty, temperature, top-k, top-p, min-p; then one of the tokens left is drawn by its probability.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Logits are divided by it: 0 takes the most likely token, 1 samples from the model's own distribution.</summary>
    public float Temperature { get; init; } = 0.8f;

    /// <summary>Only the k most likely tokens are sampled from, and those as likely as the last of them; 0 for all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>
    /// Only the most likely tokens are sampled from, as few as have at least this probability together; 1 for all. Probabilities
    /// are those after top-k, and of equally likely tokens the first are taken.
    /// </summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Only tokens at least this many times as likely as the most likely one are sampled from; 0 for all.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// Logits of tokens that the text already has are divided by it when positive and multiplied by it when negative (CTRL,
    /// arXiv 1909.05858), once however often the token occurs; 1 for none. The prompt counts as well.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>How many of the latest tokens the penalty looks at; 0 for the whole text.</summary>
    public int RepetitionWindow { get; init; }

    /// <summary>Seed of the choices.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        if (!(Temperature >= 0f) || float.IsInfinity(Temperature))
            throw new ArgumentException($"{nameof(Temperature)} is {Temperature}; it must be 0 or a positive number.");
        if (TopK < 0)
            throw new ArgumentException($"{nameof(TopK)} is {TopK}; it must be 0 or positive.");
        if (!(TopP is > 0f and <= 1f))
            throw new ArgumentException($"{nameof(TopP)} is {TopP}; it must be above 0 and at most 1.");
        if (!(MinP is >= 0f and <= 1f))
            throw new ArgumentException($"{nameof(MinP)} is {MinP}; it must be from 0 to 1.");
        if (!(RepetitionPenalty > 0f) || float.IsInfinity(RepetitionPenalty))
            throw new ArgumentException($"{nameof(RepetitionPenalty)} is {RepetitionPenalty}; it must be a positive number.");
        if (RepetitionWindow < 0)
            throw new ArgumentException($"{nameof(RepetitionWindow)} is {RepetitionWindow}; it must be 0 or positive.");
    }
}
