namespace SpikeEngine.Training.Alignment;

/// <summary>A prompt with two answers: what DPO learns from.</summary>
/// <param name="Prompt">What both answer.</param>
/// <param name="Chosen">The better one, beginning with the blank or line break that parts it from the prompt.</param>
/// <param name="Rejected">The worse one.</param>
public sealed record PreferenceText(string Prompt, string Chosen, string Rejected);

/// <summary>A prompt with one answer and a verdict: what KTO learns from.</summary>
/// <param name="Prompt">What it answers.</param>
/// <param name="Completion">The answer, beginning with the blank or line break that parts it from the prompt.</param>
/// <param name="Desirable">The verdict.</param>
public sealed record LabelledText(string Prompt, string Completion, bool Desirable);
