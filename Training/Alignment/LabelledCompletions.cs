using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// The data of a KTO run, as tokens. Each example also has a mismatched one, its own prompt with another's completion, from which KTO's
/// divergence is estimated: that of the next example with another prompt (of the next one where all have the same), the data being put into
/// a random order once and taken as a circle. TRL takes the neighbour within a batch of its shuffled data, in batches that stay the same.
/// Since the partner here does not depend on batches, it exists in batches of one as well, never is the other answer to the same prompt,
/// and its reference need be computed only once. Without the random order all partners of paired data would be chosen answers.
/// </summary>
public sealed class LabelledCompletions
{
    private const int ExamplesPerTask = 16;

    private readonly bool[] _desirable;

    /// <summary>Encodes examples.</summary>
    /// <param name="examples">At least two, or nothing could be mismatched.</param>
    /// <param name="encoding">Tokenizer and lengths.</param>
    /// <param name="cancellation">Stops within a moment.</param>
    /// <exception cref="ArgumentException">There are fewer than two examples.</exception>
    public LabelledCompletions(IReadOnlyList<LabelledText> examples, PreferenceEncoding encoding, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(encoding);
        if (examples.Count < 2)
            throw new ArgumentException("KTO needs at least two examples: its divergence is estimated from prompts with another's completion.", nameof(examples));
        _desirable = [.. examples.Select(e => e.Desirable)];
        int[] partners = Partners(examples);
        var all = new Continuation[2 * examples.Count];
        RowParallel.For(examples.Count, ExamplesPerTask, (examples, partners, encoding, all, cancellation), static (s, start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                s.cancellation.ThrowIfCancellationRequested();
                string prompt = s.examples[i].Prompt;
                s.all[2 * i] = s.encoding.Encode(prompt, s.examples[i].Completion)[0];
                s.all[2 * i + 1] = s.encoding.Encode(prompt, s.examples[s.partners[i]].Completion)[0];
            }
        });
        Continuations = all;
    }

    /// <summary>Number of examples.</summary>
    public int Count => _desirable.Length;

    /// <summary>How many of them are desirable.</summary>
    public int DesirableCount => _desirable.Count(d => d);

    /// <summary>Each example, and behind it its mismatched one.</summary>
    public IReadOnlyList<Continuation> Continuations { get; }

    /// <summary>An example.</summary>
    public Continuation Own(int example) => Continuations[2 * example];

    /// <summary>Its prompt with another's completion.</summary>
    public Continuation Mismatched(int example) => Continuations[2 * example + 1];

    /// <summary>Its verdict.</summary>
    public bool IsDesirable(int example) => _desirable[example];

    /// <summary>From the back, twice around: the partner of one whose neighbour has its prompt is the neighbour's.</summary>
    private static int[] Partners(IReadOnlyList<LabelledText> examples)
    {
        int count = examples.Count;
        int[] circle = [.. Enumerable.Range(0, count)], partners = new int[count];
        new SeededRandom(0, "mismatched completions").Shuffle(circle.AsSpan());
        bool onePrompt = examples.All(e => e.Prompt == examples[0].Prompt);
        for (int i = 2 * count - 1; i >= 0; i--)
        {
            int example = circle[i % count], next = circle[(i + 1) % count];
            partners[example] = !onePrompt && examples[example].Prompt == examples[next].Prompt ? partners[next] : next;
        }

        return partners;
    }
}
