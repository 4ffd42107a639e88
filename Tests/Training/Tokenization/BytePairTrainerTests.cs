using CsCheck;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Tests.Training.Tokenization;

public sealed class BytePairTrainerTests : IDisposable
{
    private static readonly string[] s_lines =
    [
        "Gets the value of the element.", "Gets the number of elements in the list.", "The value to set.", "aaaa aaa aa a",
        "naïve café 😀😀😀", "  runs   of    blanks  ", "it's they're we'll",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_most_frequent_pair_is_merged_first() =>
        Assert.Equal([("a", "b"), ("ab", "c")], BytePairTrainer.Train(["abc", "abc", "abx", "xbc"], 259).Merges);

    [Fact]
    public void Of_equally_frequent_pairs_the_lowest_bytes_win() =>
        Assert.Equal(("a", "b"), BytePairTrainer.Train(["yz yz", "ab ab", "yz", "ab"], 258).Merges[0]);

    [Fact]
    public void Pairs_that_occur_once_are_not_merged() =>
        Assert.Equal(BytePairTrainer.MinimumVocabSize, BytePairTrainer.Train(["abc"], 500).Tokens.Count);

    [Fact]
    public void The_end_of_text_is_0_and_the_bytes_follow()
    {
        BytePairVocabulary vocabulary = BytePairTrainer.Train(s_lines, 280);
        Assert.Equal(280, vocabulary.Tokens.Count);
        Assert.Equal(280, vocabulary.Tokens.Distinct().Count());
        Assert.Equal("<|endoftext|>", vocabulary.Tokens[0]);
        Assert.Equal("a", vocabulary.Tokens[1 + 'a']);
        Assert.Equal("Ġ", vocabulary.Tokens[1 + ' ']);
    }

    [Fact]
    public void Counting_anew_only_what_changed_gives_what_counting_everything_gives() =>
        Gen.Char["ab c"].Array[0, 30].Select(c => new string(c)).Array[1, 6].Sample(lines =>
            Assert.Equal(CountingEverything(lines, 270), BytePairTrainer.Train(lines, 270).Merges));

    [Fact]
    public void The_same_lines_give_the_same_file_byte_for_byte()
    {
        BytePairTrainer.Train(s_lines, 320).Save(File("one.json"));
        BytePairTrainer.Train(s_lines, 320).Save(File("two.json"));
        Assert.Equal(System.IO.File.ReadAllBytes(File("one.json")), System.IO.File.ReadAllBytes(File("two.json")));
    }

    [Fact]
    public void Saving_replaces_a_file_and_leaves_nothing_else()
    {
        _folder.Write("t.json", "old");
        BytePairTrainer.Train(s_lines, 260).Save(File("t.json"));
        Assert.Equal([File("t.json")], Directory.GetFiles(_folder.Path));
        Assert.Equal(260, Tokenizer.Load(File("t.json")).VocabSize);
    }

    [Fact]
    public void A_trained_tokenizer_gives_back_any_string()
    {
        Tokenizer tokenizer = Trained();
        Assert.Equal(0, tokenizer.EndOfTextId);
        Gen.String.Sample(text => Assert.Equal(string.Concat(text.EnumerateRunes()), tokenizer.Decode(tokenizer.Encode(text))));
    }

    [Fact]
    public void A_trained_tokenizer_uses_what_it_learnt() =>
        Assert.True(Trained().Encode(s_lines[0]).Length < s_lines[0].Length / 2);

    /// <summary>The definition: count all pairs of all words, merge the best everywhere, start over.</summary>
    private static List<(string, string)> CountingEverything(string[] lines, int vocabSize)
    {
        List<List<string>> words = [];
        foreach (string line in lines)
        {
            for (int start = 0, length; start < line.Length; start += length)
            {
                length = Gpt2Words.NextLength(line.AsSpan(start));
                words.Add([.. line.Substring(start, length).Select(c => ByteLevelAlphabet.ToChar((byte)c).ToString())]);
            }
        }

        List<string> order = [.. Enumerable.Range(0, 256).Select(b => ByteLevelAlphabet.ToChar((byte)b).ToString())];
        var merges = new List<(string, string)>();
        while (order.Count + 1 < vocabSize)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).Where(g => g.Count() > 1)
                .OrderByDescending(g => g.Count()).ThenBy(g => order.IndexOf(g.Key.First)).ThenBy(g => order.IndexOf(g.Key.Second))
                .FirstOrDefault();
            if (best is null)
                break;
            merges.Add(best.Key);
            if (!order.Contains(best.Key.First + best.Key.Second))
                order.Add(best.Key.First + best.Key.Second);
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best.Key)
                        continue;
                    word[i] += word[i + 1];
                    word.RemoveAt(i + 1);
                }
            }
        }

        return merges;
    }

    private Tokenizer Trained()
    {
        BytePairTrainer.Train(s_lines, 400).Save(File("trained.json"));
        return Tokenizer.Load(File("trained.json"));
    }

    private string File(string name) => Path.Combine(_folder.Path, name);
}
