using SpikeEngine.Model;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>What stands in front of a shorter sequence of a batch changes nothing in it.</summary>
[Collection(Lanes.Name)]
public class LeftPaddingTests
{
    private const int Length = 21;

    private static readonly int[] s_padding = [0, 5, 20];

    [Theory]
    [InlineData("dense", 0)]
    [InlineData("dense", 3)]
    [InlineData("unusual", 0)]
    [InlineData("spiking", 0)]
    public void PaddedSequencesAreTheUnpaddedOnes(string kind, int padId) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = TinyModels.Dense(kind == "unusual" ? TinyModels.UnusualConfig : null);
        if (kind == "spiking")
            model = TinyModels.Student(model);
        Mamba2Decoder decoder = new(model);
        int[] ids = TinyModels.Tokens(s_padding.Length * Length, model.Config.VocabSize);
        for (int sequence = 0; sequence < s_padding.Length; sequence++)
            ids.AsSpan(sequence * Length, s_padding[sequence]).Fill(padId);

        Mamba2State state = new(model.Config, s_padding.Length);
        Tensor logits = model.Forward(ids, s_padding.Length, padding: s_padding);
        Tensor running = decoder.Forward(ids, s_padding.Length, state, s_padding);
        Tensor last = decoder.Forward(ids, s_padding.Length, padding: s_padding, lastOnly: true);
        for (int sequence = 0; sequence < s_padding.Length; sequence++)
        {
            int from = sequence * Length + s_padding[sequence], count = Length - s_padding[sequence];
            Mamba2State alone = new(model.Config);
            Tensor expected = model.Forward(ids.AsMemory(from, count), batch: 1, alone);
            int v = expected.Columns;
            Close.Assert(expected.Values, logits.Values.Slice(from * v, count * v));
            Close.Assert(expected.Values, running.Values.Slice(from * v, count * v));
            Close.Assert(expected.Values[^v..], last.Values.Slice(sequence * v, v));
            for (int layer = 0; layer < model.Config.LayerCount; layer++)
            {
                Close.Assert(alone.ConvWindow(layer, 0), state.ConvWindow(layer, sequence));
                Close.Assert(alone.Ssm(layer, 0), state.Ssm(layer, sequence));
            }
        }
    });

    [Fact]
    public void ImpossiblePaddingIsRefused()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(2 * Length, model.Config.VocabSize);
        Assert.Throws<ArgumentException>(() => model.Forward(ids, 2, padding: [1]));
        Assert.Throws<ArgumentException>(() => model.Forward(ids, 2, padding: [1, -1]));
        Assert.Throws<ArgumentException>(() => model.Forward(ids, 2, padding: [1, Length]));
        Mamba2State begun = new(model.Config, batch: 2);
        model.Forward(ids, 2, begun);
        Assert.Contains("21 tokens", Assert.Throws<ArgumentException>(() => model.Forward(ids, 2, begun, padding: [1, 0])).Message, StringComparison.Ordinal);
    }
}
