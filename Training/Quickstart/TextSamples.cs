using SpikeEngine.Model;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Lets both models continue the same held-out line, with the same random numbers.</summary>
internal static class TextSamples
{
    private const int LeastWords = 12;

    public static SampleSummary Take(
        Mamba2Decoder teacher, Mamba2Decoder student, QuickstartText text, QuickstartOptions options, CancellationToken cancellation)
    {
        string[][] sentences = [.. text.ValidationLines.Select(line => line.Split(' ')).Where(words => words.Length >= LeastWords)];
        string[] words = sentences.Length == 0
            ? text.ValidationLines[0].Split(' ')
            : sentences[new SeededRandom(options.Seed, "sample").NextInt(sentences.Length)];
        int half = Math.Max(1, Math.Min(words.Length, LeastWords) / 2);
        string prompt = string.Join(' ', words[..half]);

        GenerationOptions generation = new() { MaxTokens = options.SampleTokens, Sampling = options.Sampling with { Seed = options.Seed } };
        return new SampleSummary(prompt, " " + string.Join(' ', words[half..]), Continue(teacher), Continue(student));

        string Continue(Mamba2Decoder model) =>
            string.Concat(new TextGenerator(model, text.Tokenizer).StreamAsync(prompt, generation, cancellation).ToBlockingEnumerable(cancellation));
    }
}
