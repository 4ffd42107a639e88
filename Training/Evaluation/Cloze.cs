using SpikeEngine.Model;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Evaluation.Tasks;

namespace SpikeEngine.Training.Evaluation;

/// <summary>A context and four continuations, of which one is true.</summary>
/// <param name="Context">The first half of a sentence.</param>
/// <param name="Choices">The second half, and those of three other sentences.</param>
/// <param name="Answer">Index of the true one.</param>
public sealed record ClozeItem(string Context, IReadOnlyList<string> Choices, int Answer);

/// <summary>Share of items in which the true continuation scored best.</summary>
/// <param name="Accuracy">In [0, 1]; guessing gives a quarter.</param>
/// <param name="StandardError">Of the accuracy: sample deviation / sqrt(items).</param>
/// <param name="Items">Number of items.</param>
public sealed record ClozeResult(double Accuracy, double StandardError, int Items);

/// <summary>
/// A cloze test from any text: held-out sentences are cut in the middle, and the model has to tell the true second half
/// from those of other sentences. A continuation's score is its log-probability per UTF-8 byte, so length does not decide.
/// </summary>
public static class Cloze
{
    private const int Choices = 4;
    private const int LeastWords = 8;
    private const int MostWords = 40;

    /// <summary>Makes items; the same seed and lines give the same ones.</summary>
    /// <param name="lines">Held-out lines.</param>
    /// <param name="count">Items wanted; fewer when the lines do not suffice.</param>
    /// <param name="seed">Of the choice of lines and of wrong continuations.</param>
    /// <exception cref="ArgumentException">Fewer than four lines have a usable length.</exception>
    public static IReadOnlyList<ClozeItem> MakeItems(IReadOnlyList<string> lines, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(lines);
        SeededRandom random = new(seed, "cloze");
        (string Context, string Continuation)[] halves =
            [.. lines.Select(line => line.Split(' ')).Where(words => words.Length is >= LeastWords and <= MostWords).Select(Halve)];
        if (halves.Length < Choices)
            throw new ArgumentException($"A cloze test needs {Choices} lines of {LeastWords} to {MostWords} words; there are {halves.Length}.", nameof(lines));

        random.Shuffle(halves.AsSpan());
        List<ClozeItem> items = [];
        for (int i = 0; i < Math.Min(count, halves.Length); i++)
            items.Add(MakeItem(halves, i, random));
        return items;
    }

    /// <summary>Scores a model on items, of which there is at least one.</summary>
    public static ClozeResult Measure(LanguageDecoder model, Tokenizer tokenizer, IReadOnlyList<ClozeItem> items, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(items);
        var context = EvaluationContext.Of(model, tokenizer, EvaluationContext.DefaultMaxLength, progress: null, cancellation);
        TaskMetric accuracy = ChoiceTask.Score(context, "cloze", ChoiceTask.PerByte, [.. items.Select(Question)]).Main;
        return new ClozeResult(accuracy.Value, accuracy.StandardError ?? double.NaN, items.Count);
    }

    /// <summary>An item as a question.</summary>
    internal static ChoiceItem Question(ClozeItem item) =>
        new(null, [.. item.Choices.Select(choice => new LikelihoodRequest(item.Context, choice))], item.Answer, [.. item.Choices.Select(ChoiceItem.Length)]);

    private static (string, string) Halve(string[] words)
    {
        int half = words.Length / 2;
        return (string.Join(' ', words[..half]), " " + string.Join(' ', words[half..]));
    }

    private static ClozeItem MakeItem((string Context, string Continuation)[] halves, int index, SeededRandom random)
    {
        List<string> choices = [halves[index].Continuation];

        // Equal endings are common in regular prose: a wrong choice must differ, or the item has no answer.
        for (int tries = 0; choices.Count < Choices && tries < 100 * Choices; tries++)
        {
            string other = halves[random.NextInt(halves.Length)].Continuation;
            if (!choices.Contains(other))
                choices.Add(other);
        }

        if (choices.Count < Choices)
            throw new ArgumentException("The lines end too much alike to draw wrong continuations from them.");
        string answer = choices[0];
        string[] shuffled = [.. choices];
        random.Shuffle(shuffled.AsSpan());
        return new ClozeItem(halves[index].Context, shuffled, Array.IndexOf(shuffled, answer));
    }
}
