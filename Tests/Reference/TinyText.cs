using SpikeEngine.Model;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Tests.Reference;

/// <summary>A small text with a tokenizer of its own, and a model of its vocabulary.</summary>
public sealed class TinyText : IDisposable
{
    private static readonly string[] s_subjects = ["the cat", "a small dog", "every bird", "one old horse", "my neighbour"];
    private static readonly string[] s_places = ["in the garden", "under a tree", "near the river", "behind our house", "on the roof"];

    private readonly TemporaryFolder _folder = new();

    public TinyText()
    {
        Lines = [.. from s in s_subjects
                    from p in s_places
                    from verb in new[] { "sleeps", "waits", "sings" }
                    select $"{s} {verb} quietly {p} until the sun goes down again"];
        BytePairTrainer.Train(Lines, 300).Save(TokenizerFile);
        Tokenizer = Tokenizer.Load(TokenizerFile);
        Text = TokenizedText.Encode(Tokenizer, Lines);
        Model = TinyModels.Dense(TinyModels.Config with { VocabSize = Tokenizer.VocabSize });
    }

    public IReadOnlyList<string> Lines { get; }

    public string TokenizerFile => _folder.File("tokenizer.json");

    public Tokenizer Tokenizer { get; }

    public TokenizedText Text { get; }

    public Mamba2LanguageModel Model { get; }

    /// <summary>-log p of each of the ids from the second on, one sequence from an empty state, in double.</summary>
    public static double[] NaiveLosses(Mamba2LanguageModel model, int[] ids)
    {
        Tensor logits = model.Forward(ids.AsMemory(0, ids.Length - 1), batch: 1);
        return Ops.CrossEntropyInDouble(logits.InDouble(), ids.AsMemory(1));
    }

    public void Dispose() => _folder.Dispose();
}
