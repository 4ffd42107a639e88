using System.Text;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>A question and its answers.</summary>
/// <param name="Id">Its name in the file; null for its number.</param>
/// <param name="Requests">The answers, each behind what it is an answer to.</param>
/// <param name="Gold">The right one.</param>
/// <param name="Lengths">The answers' characters and bytes; null where the answers are the contexts.</param>
/// <param name="Groups">Parts of the task that it belongs to, the largest first.</param>
internal sealed record ChoiceItem(
    string? Id, IReadOnlyList<LikelihoodRequest> Requests, int Gold, IReadOnlyList<(int Characters, int Bytes)>? Lengths = null,
    IReadOnlyList<(string Kind, string Name)>? Groups = null)
{
    /// <summary>Answers behind one context, each with a blank in front, which does not count as one of its characters.</summary>
    public static ChoiceItem Of(string? id, string context, IReadOnlyList<string> choices, int gold) => new(
        id, [.. choices.Select(choice => new LikelihoodRequest(context, " " + choice))], gold,
        [.. choices.Select(Length)]);

    /// <summary>Characters, which are code points, and bytes of an answer.</summary>
    public static (int Characters, int Bytes) Length(string answer) => (answer.EnumerateRunes().Count(), Encoding.UTF8.GetByteCount(answer));

    /// <summary>One text behind several contexts, with a blank in front: which context makes it likeliest?</summary>
    public static ChoiceItem Partial(string? id, IReadOnlyList<string> contexts, string continuation, int gold) => new(
        id, [.. contexts.Select(context => new LikelihoodRequest(context, " " + continuation))], gold);
}
