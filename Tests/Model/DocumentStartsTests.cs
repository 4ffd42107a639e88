using SpikeEngine.Model;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>Documents packed into one sequence are what each of them is alone.</summary>
[Collection(Lanes.Name)]
public class DocumentStartsTests
{
    private const int Batch = 2, Length = 50;

    // Two sequences of 50 tokens, chunks of 16 (or 5): at the start, inside and at the end of chunks, adjacent, of one token.
    private static readonly int[] s_starts = [0, 7, 8, 16, 31, 49, 50, 82, 83, 84];

    [Theory]
    [InlineData("dense", false)]
    [InlineData("dense", true)]
    [InlineData("unusual", false)]
    [InlineData("spiking", false)]
    [InlineData("spiking", true)]
    public void PackedDocumentsAreTheDocumentsOneByOne(string kind, bool checkpoints) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = Model(kind, checkpoints);
        int[] ids = TinyModels.Tokens(Batch * Length, model.Config.VocabSize);
        (float[] logits, float[][] grads) = Packed(model, ids, s_starts);

        model.ZeroGrad();
        float[] expected = [];
        for (int i = 0; i < s_starts.Length; i++)
        {
            int from = s_starts[i], end = i + 1 < s_starts.Length ? s_starts[i + 1] : ids.Length;
            expected = [.. expected, .. Run(model, ids, from, end, batch: 1, starts: default)];
        }

        Close.Assert(expected, logits);
        foreach ((Parameter parameter, float[] grad) in model.Parameters().Zip(grads))
            Close.Assert(parameter.Grad, grad);
    });

    [Fact]
    public void DocumentsAtTheFirstTokensChangeNothing()
    {
        Mamba2LanguageModel model = Model("dense", checkpoints: false);
        int[] ids = TinyModels.Tokens(Batch * Length, model.Config.VocabSize);
        (float[] with, float[][] grads) = Packed(model, ids, [0, Length]);
        model.ZeroGrad();
        float[] without = Run(model, ids, 0, ids.Length, Batch, starts: default);
        Close.Assert(without, with);
        foreach ((Parameter parameter, float[] grad) in model.Parameters().Zip(grads))
            Close.Assert(parameter.Grad, grad);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("spiking")]
    public void TwoThreadsComputeTheBitsOfOne(string kind)
    {
        (float[] Logits, float[][] Grads) one = default, two = default;
        Mamba2LanguageModel model = Model(kind, checkpoints: false);
        int[] ids = TinyModels.Tokens(Batch * Length, model.Config.VocabSize);
        Lanes.WithThreads(1, () => one = Packed(model, ids, s_starts));
        Lanes.WithThreads(2, () => two = Packed(model, ids, s_starts));
        Assert.Equal(one.Logits, two.Logits);
        Assert.Equal(one.Grads, two.Grads);
    }

    [Fact]
    public void StartsThatDoNotFitAreRefused()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(Batch * Length, model.Config.VocabSize);
        bool[] starts = Marks(ids.Length, s_starts);
        AssertRefused("99 starts for 100 ids", () => model.Forward(ids, Batch, starts: starts.AsMemory(1)));
        AssertRefused("state", () => model.Forward(ids, Batch, new Mamba2State(model.Config, Batch), starts: starts));
        AssertRefused("padded", () => model.Forward(ids, Batch, padding: [1, 0], starts: starts));

        static void AssertRefused(string part, Func<Tensor> forward) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>("starts", forward).Message, StringComparison.Ordinal);
    }

    private static Mamba2LanguageModel Model(string kind, bool checkpoints)
    {
        Mamba2LanguageModel model = TinyModels.Dense(kind == "unusual" ? TinyModels.UnusualConfig : null);
        if (kind == "spiking")
            model = TinyModels.Student(model);
        model.CheckpointBlocks = checkpoints;
        return model;
    }

    private static (float[] Logits, float[][] Grads) Packed(Mamba2LanguageModel model, int[] ids, int[] starts)
    {
        model.ZeroGrad();
        float[] logits = Run(model, ids, 0, ids.Length, Batch, Marks(ids.Length, starts));
        return (logits, [.. model.Parameters().Select(p => p.Grad.ToArray())]);
    }

    /// <summary>Logits of the tokens [from, end); adds the gradient of a sum over them to those of the parameters.</summary>
    private static float[] Run(Mamba2LanguageModel model, int[] ids, int from, int end, int batch, ReadOnlyMemory<bool> starts)
    {
        using Tape tape = Tape.Begin();
        Tensor logits = model.Forward(ids.AsMemory(from..end), batch, starts: starts);
        for (int i = 0; i < logits.Count; i++)
            logits.Grad[i] = MathF.Sin(from * logits.Columns + i);
        tape.Replay();
        return logits.Values.ToArray();
    }

    private static bool[] Marks(int tokens, int[] starts) => [.. Enumerable.Range(0, tokens).Select(starts.Contains)];
}
