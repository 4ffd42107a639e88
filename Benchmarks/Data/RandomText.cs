using System.Text;

namespace SpikeEngine.Benchmarks.Data;

/// <summary>Text of made-up words in any amount, the same for a seed: some words are frequent and most are rare, as in a language.</summary>
internal sealed class RandomText
{
    private const int WordCount = 20_000;

    private static readonly string[] s_syllables = ["ba", "con", "de", "er", "fin", "go", "hal", "in", "ka", "lo", "men", "nor", "pre", "qui", "ra", "st", "ti", "un", "ver", "zé"];

    private readonly SeededRandom _random;
    private readonly string[] _words;

    public RandomText(ulong seed)
    {
        _random = new SeededRandom(seed, "text");
        _words = [.. Enumerable.Range(0, WordCount).Select(_ => string.Concat(Enumerable.Range(0, 1 + _random.NextInt(4)).Select(_ => s_syllables[_random.NextInt(s_syllables.Length)])))];
    }

    /// <summary>A document of some paragraphs.</summary>
    public string Document()
    {
        var text = new StringBuilder();
        for (int paragraph = 1 + _random.NextInt(5); paragraph > 0; paragraph--)
        {
            for (int sentence = 1 + _random.NextInt(8); sentence > 0; sentence--)
                Sentence(text);
            text[^1] = '\n';
        }

        return text.ToString();
    }

    private void Sentence(StringBuilder text)
    {
        for (int word = 3 + _random.NextInt(15); word > 0; word--)
        {
            float u = _random.NextFloat();
            text.Append(_words[(int)(WordCount * u * u * u)]).Append(word > 1 ? _random.NextInt(12) == 0 ? ", " : " " : ". ");
        }
    }
}
