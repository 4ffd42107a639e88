using System.Text;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Studies;

/// <summary>
/// Preference pairs out of any text, for a study that was given none: how a document goes on is chosen; rejected is, in turn, how
/// another goes on, its own first words again and again, and its words in disorder.
/// </summary>
internal static class GeneratedPairs
{
    private const int LeastWords = 18;
    private const int MostWords = 96;

    /// <summary>Makes pairs and writes them as <see cref="PreferenceFile"/> reads them, in two files.</summary>
    /// <param name="source">The text.</param>
    /// <param name="count">Most pairs for both together.</param>
    /// <param name="seed">Of the choice and of the disorder.</param>
    /// <param name="train">File of nine tenths of the pairs.</param>
    /// <param name="validation">File of the rest.</param>
    /// <param name="cancellation">Stops between two documents.</param>
    /// <exception cref="InvalidDataException">The text has fewer than twenty usable documents.</exception>
    public static void Write(IDocumentSource source, int count, ulong seed, string train, string validation, CancellationToken cancellation)
    {
        SeededRandom random = new(seed, "generated pairs");
        string[][] documents = [.. Documents(source, cancellation)];
        if (documents.Length < 20)
            throw new InvalidDataException($"The text has {documents.Length} documents of {LeastWords} words or more, too few to make preference pairs; give some with --preferences.");
        random.Shuffle(documents.AsSpan());
        documents = documents[..Math.Min(count, documents.Length)];
        string[] rows = [.. documents.Select((words, i) => Row(words, documents[(i + 1) % documents.Length], i % 3, random))];
        int held = Math.Max(1, rows.Length / 10);
        Save(train, rows[held..]);
        Save(validation, rows[..held]);
    }

    private static IEnumerable<string[]> Documents(IDocumentSource source, CancellationToken cancellation)
    {
        StringBuilder text = new();
        foreach (DocumentPart part in source.Read(cancellation: cancellation))
        {
            if (part.Begins && text.Length > 0)
            {
                if (Words(text) is { } words)
                    yield return words;
                text.Clear();
            }

            if (text.Length < 20 * MostWords)
                text.Append(part.Text);
        }

        if (Words(text) is { } last)
            yield return last;
    }

    private static string[]? Words(StringBuilder text)
    {
        string[] words = text.ToString().Split(default(char[]), MostWords + 1, StringSplitOptions.RemoveEmptyEntries);
        return words.Length < LeastWords ? null : words[..Math.Min(words.Length, MostWords)];
    }

    private static string Row(string[] words, string[] other, int kind, SeededRandom random)
    {
        int cut = words.Length / 3;
        string[] chosen = words[cut..];
        string[] rejected = kind switch
        {
            0 => other[(other.Length / 3)..],
            1 => [.. Enumerable.Range(0, chosen.Length).Select(i => chosen[i % Math.Min(6, chosen.Length)])],
            _ => Shuffled(chosen, random),
        };
        return JsonSerializer.Serialize(
            new GeneratedPair(string.Join(' ', words[..cut]), " " + string.Join(' ', chosen), " " + string.Join(' ', rejected)), StudyJson.Compact.GeneratedPair);
    }

    private static string[] Shuffled(string[] words, SeededRandom random)
    {
        string[] copy = [.. words];
        random.Shuffle(copy.AsSpan());
        return copy;
    }

    private static void Save(string path, string[] rows) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', rows) + "\n")));
}

/// <summary>A line of the file.</summary>
internal sealed record GeneratedPair(string Prompt, string Chosen, string Rejected);
