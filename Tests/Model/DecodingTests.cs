using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>Token by token, all at once, and in pieces: one model, one answer.</summary>
[Collection(Lanes.Name)]
public class DecodingTests
{
    private const int Length = 24;

    public static TheoryData<string> Kinds => ["dense", "spiking", "unusual dense", "unusual spiking"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StepsAreTheForwardPass(string kind) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = Make(kind);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Tensor expected = model.Forward(ids, batch: 1);

        DecoderSession session = new Mamba2Decoder(model).NewSession();
        for (int t = 0; t < Length; t++)
            Close.Assert(expected.Values.Slice(t * expected.Columns, expected.Columns), session.Step(ids[t]));
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PrefillInPiecesAndStepsMix(string kind) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = Make(kind);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Mamba2State end = new(model.Config);
        Tensor expected = model.Forward(ids, batch: 1, end);

        DecoderSession session = new Mamba2Decoder(model).NewSession();
        session.Step(ids[0]);
        session.Prefill(ids.AsMemory(1, 1));
        session.Prefill(ids.AsMemory(2, 12));
        session.Step(ids[14]);
        session.Prefill(ids.AsMemory(15));

        Close.Assert(expected.Values[^expected.Columns..], session.Logits);
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Close.Assert(end.ConvWindow(layer, 0), ((Mamba2State)session.State).ConvWindow(layer, 0));
            Close.Assert(end.Ssm(layer, 0), ((Mamba2State)session.State).Ssm(layer, 0));
        }
    });

    [Theory]
    [InlineData(0)]   // never accumulate
    [InlineData(1)]   // always
    public void TheProfileDecidesHowAVectorOfSpikesIsMultiplied(double breakEven)
    {
        CrossoverProfile before = CrossoverProfile.Current;
        try
        {
            CrossoverProfile.Current = new([new(StorageType.Float32, 1, 64, 64, 4, 1, breakEven)]);
            Tensor matrix = Tensor.RandomNormal(new SeededRandom(1, "w"), 70, 300);
            var weight = InputMajorWeight.From(matrix);
            SpikeEngine.Kernels.SpikeEvents events = new(300, levels: 4);
            events.Fire(RandomSpikes.Array(300, 4, 0.6), threshold: 1f);
            float[] y = new float[70], dense = new float[70], accumulated = new float[70];
            weight.MultiplySpikes(events, y);
            weight.Multiply(events.Spikes, dense);
            weight.Accumulate(events, accumulated);
            Assert.NotEqual(dense, accumulated);   // the order of sums tells them apart
            Assert.Equal(breakEven == 0 ? dense : accumulated, y);
            StepsAreTheForwardPass("spiking");
        }
        finally
        {
            CrossoverProfile.Current = before;
        }
    }

    [Fact]
    public void SequencesOfABatchDoNotTouchEachOther()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(5 * Length, model.Config.VocabSize);
        Tensor together = model.Forward(ids, batch: 5);
        for (int sequence = 0; sequence < 5; sequence++)
        {
            Tensor alone = model.Forward(ids.AsMemory(sequence * Length, Length), batch: 1);
            Close.Assert(alone.Values, together.Values.Slice(sequence * alone.Count, alone.Count));
        }
    }

    [Theory]
    [InlineData("spiking")]
    [InlineData("unusual spiking")]
    public void TheAccumulatePathFiresTheSpikesOfTraining(string kind) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = Make(kind);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        SpikeStatistics training = new(model.Config.LayerCount);
        model.Forward(ids, batch: 1, trace: new ForwardTrace { Spikes = training });

        DecoderSession session = new Mamba2Decoder(model).NewSession();
        session.Spikes = new SpikeStatistics(model.Config.LayerCount);
        foreach (int token in ids)
            session.Step(token);

        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Assert.Equal(training[layer, SpikeSite.InProj], session.Spikes[layer, SpikeSite.InProj]);
            Assert.Equal(training[layer, SpikeSite.OutProj], session.Spikes[layer, SpikeSite.OutProj]);
            Assert.InRange(training[layer, SpikeSite.OutProj].Density, 0.1, 0.9);
        }
    });

    [Fact]
    public void ASessionThatWasClearedStartsAnew()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        DecoderSession session = new Mamba2Decoder(model).NewSession();
        float[] first = session.Step(3).ToArray();
        session.Step(5);
        session.Clear();
        Assert.Equal(first, session.Step(3).ToArray());
    }

    [Fact]
    public void SessionsOfOneDecoderAreIndependent()
    {
        Mamba2LanguageModel model = TinyModels.Student(TinyModels.Dense());
        Mamba2Decoder decoder = new(model);
        DecoderSession a = decoder.NewSession(), b = decoder.NewSession();
        float[] first = a.Step(3).ToArray();
        a.Step(4);
        Assert.Equal(first, b.Step(3).ToArray());
    }

    [Fact]
    public void ATokenOutsideTheVocabularyIsRefused()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        DecoderSession session = new Mamba2Decoder(model).NewSession();
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Step(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Step(model.Config.VocabSize));
        Assert.ThrowsAny<ArgumentException>(() => session.Prefill(new[] { model.Config.VocabSize }));
    }

    private static Mamba2LanguageModel Make(string kind)
    {
        Mamba2LanguageModel dense = TinyModels.Dense(kind.StartsWith("unusual", StringComparison.Ordinal) ? TinyModels.UnusualConfig : null);
        return kind.EndsWith("dense", StringComparison.Ordinal) ? dense : TinyModels.Student(dense);
    }
}
