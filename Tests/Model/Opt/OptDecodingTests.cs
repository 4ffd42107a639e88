using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Whole texts, pieces, batches and single tokens: the same model.</summary>
[Collection(Lanes.Name)]
public class OptDecodingTests
{
    private const int Length = 90;

    public static TheoryData<string> Models => TinyOpt.All;

    public static TheoryData<string> Spiking => TinyOpt.Spiking;

    [Theory]
    [MemberData(nameof(Models))]
    public void StepByStepIsTheFullPass(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        int[] tokens = TinyOpt.Tokens(Length);
        float[] expected = model.Forward(tokens, batch: 1).ToArray();
        OptDecoder decoder = new(model);
        Close.Assert(expected, decoder.Forward(tokens, batch: 1).ToArray());
        DecoderSession session = decoder.NewSession();
        for (int i = 0; i < Length; i++)
            Close.Assert(expected.AsSpan(i * 61, 61), session.Step(tokens[i]));
        Assert.Equal(Length, session.State.Position);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void PiecesAndForksGoOnWhereTheTextWas(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        int[] tokens = TinyOpt.Tokens(Length);
        float[] expected = model.Forward(tokens, batch: 1).Values[^61..].ToArray();
        DecoderSession session = model.ToDecoder().NewSession(rememberedCalls: 2);
        session.Prefill(tokens.AsMemory(0, 37));
        DecoderSession fork = session.Fork();
        session.Step(5);
        session.RollBack(1);
        session.Prefill(tokens.AsMemory(37, 40));
        fork.Step(tokens[37]);
        fork.Prefill(tokens.AsMemory(38));
        foreach (int token in tokens.AsSpan(77))
            session.Step(token);
        Close.Assert(expected, session.Logits);
        Close.Assert(expected, fork.Logits);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ABatchIsItsSequencesAndAStateCanBeSelected(string name)
    {
        OptDecoder decoder = TinyOpt.Model(TinyOpt.Of(name)).ToDecoder();
        int[] a = TinyOpt.Tokens(20), b = [.. a.Reverse()], rest = TinyOpt.Tokens(9);
        OptState state = decoder.NewState(2);
        decoder.Forward((int[])[.. a, .. b], 2, state);
        float[] together = decoder.Forward((int[])[.. rest, .. rest, .. rest], 3, state.Select([1, 0, 1]), lastOnly: true).ToArray();
        float[] afterA = decoder.Forward((int[])[.. a, .. rest], 1, lastOnly: true).ToArray(), afterB = decoder.Forward((int[])[.. b, .. rest], 1, lastOnly: true).ToArray();
        Close.Assert([.. afterB, .. afterA, .. afterB], together);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void DocumentsSeeNothingOfEachOther(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        int[] a = TinyOpt.Tokens(30), b = [.. a.Reverse().Take(25)];
        bool[] starts = new bool[55];
        starts[30] = true;
        float[] together = model.Hidden((int[])[.. a, .. b], batch: 1, starts: starts).ToArray();
        Close.Assert([.. model.Hidden(a, 1).Values, .. model.Hidden(b, 1).Values], together);
    }

    /// <summary>Sums of bytes are exact, so whichever way is faster gives the same bits; only what meets W_o is rounded where it is multiplied.</summary>
    [Theory]
    [MemberData(nameof(Spiking))]
    public void BytesThatAreAddedAndMultipliedGiveTheSame(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        int[] tokens = TinyOpt.Tokens(40);
        DecoderSession added = Session(SpikePath.Accumulate), multiplied = Session(SpikePath.Dense), auto = Session(SpikePath.Auto);
        foreach (int token in tokens)
        {
            float[] expected = added.Step(token).ToArray();
            Close.Assert(expected, multiplied.Step(token));
            Assert.Equal(expected, auto.Step(token).ToArray());
        }

        DecoderSession Session(SpikePath path) => model.ToDecoder(new DecoderOptions { Weights = StorageType.Int8, SpikePath = path }).NewSession();
    }

    [Theory]
    [MemberData(nameof(Spiking))]
    public void ATokenTakesABitForEachStepOfKeysAndValues(string name)
    {
        OptConfig config = TinyOpt.Of(name);
        int steps = config.Spiking!.TimeSteps;
        Assert.Equal(steps * 2 * 24 * 2 / 8.0, OptState.BytesPerToken(config));
        OptState state = new(config);
        config.NewModel(ParameterStore.Random(1)).ToDecoder().Forward(TinyOpt.Tokens(20), 1, state);
        Assert.Equal(512 * OptState.BytesPerToken(config), state.Bytes);
    }

    [Theory]
    [MemberData(nameof(Spiking))]
    public void SpikesAreCountedAlikeEverywhere(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        int[] tokens = TinyOpt.Tokens(30);
        SpikeStatistics whole = Counts(), decoded = Counts(), stepped = Counts();
        model.Hidden(tokens, 1, new ForwardTrace { KeepsBlockOutputs = false, Spikes = whole });
        OptDecoder decoder = model.ToDecoder();
        decoder.Forward(tokens, 1, spikes: decoded);
        DecoderSession session = decoder.NewSession();
        session.Spikes = stepped;
        foreach (int token in tokens)
            session.Step(token);
        Assert.True(whole.Total.Active > 0);
        foreach (SpikeSite site in (SpikeSite[])[.. model.Config.SpikeSites, SpikeSite.Map, SpikeSite.Mixed, SpikeSite.MixedDigits])
        {
            Assert.Equal(whole[1, site], decoded[1, site]);
            Assert.Equal(whole[1, site], stepped[1, site]);
        }

        SpikeStatistics Counts() => model.Config.NewStatistics()!;
    }

    [Fact]
    public void ATextLongerThanThePositionsIsRefusedAndChangesNothing()
    {
        DecoderSession session = TinyOpt.Model(TinyOpt.Paper).ToDecoder().NewSession(rememberedCalls: 1);
        session.Prefill(TinyOpt.Tokens(149));
        session.Step(3);
        float[] before = session.Logits.ToArray();
        Assert.Contains("151 tokens is longer than the 150 positions", Assert.Throws<ArgumentException>(() => { session.Step(1); }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => { session.Prefill(TinyOpt.Tokens(600)); });
        Assert.Equal(150, session.State.Position);
        Assert.Equal(before, session.Logits.ToArray());
        session.RollBack(1);
        Assert.Equal(before, session.Step(3).ToArray());
        DecoderSession empty = TinyOpt.Model(TinyOpt.Paper).ToDecoder().NewSession();
        Assert.Throws<ArgumentException>(() => { empty.Prefill(TinyOpt.Tokens(600)); });
        Assert.Equal(0, empty.State.Position);
    }

    /// <summary>Room is made at 512 tokens and doubled at 1,024: what was there stays, in forks and after going back too.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void ACacheGrowsUnderTheText(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name) with { LayerCount = 1, MaxPositions = 1100 });
        int[] tokens = TinyOpt.Tokens(1060);
        OptDecoder decoder = model.ToDecoder();
        float[] expected = decoder.Forward(tokens, batch: 1).ToArray();
        DecoderSession session = decoder.NewSession(rememberedCalls: 4);
        session.Prefill(tokens.AsMemory(0, 505));
        for (int i = 505; i < 520; i++)
            Close.Assert(expected.AsSpan(i * 61, 61), session.Step(tokens[i]));
        DecoderSession fork = session.Fork();
        session.Prefill(tokens.AsMemory(520, 520));
        Close.Assert(expected.AsSpan(1039 * 61, 61), session.Logits);
        session.RollBack(520);
        session.Step(tokens[520]);
        Close.Assert(expected.AsSpan(520 * 61, 61), session.Logits);
        session.Prefill(tokens.AsMemory(521));
        fork.Prefill(tokens.AsMemory(520));
        Close.Assert(expected.AsSpan(1059 * 61, 61), session.Logits);
        Close.Assert(expected.AsSpan(1059 * 61, 61), fork.Logits);
    }

    [Fact]
    public void AStateOfAnotherModelIsRefused()
    {
        OptState state = new(TinyOpt.Paper), wide = new(TinyOpt.Paper with { DModel = 48 }), slow = new(TinyOpt.Paper with { Spiking = BinarySpiking.Paper with { TimeSteps = 4 } });
        Assert.Contains("2 texts, not of 1", Assert.Throws<ArgumentException>(() => state.CopyFrom(new OptState(TinyOpt.Paper, batch: 2))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => slow.CopyFrom(wide));   // as many bits for a token
        Assert.Throws<ArgumentException>(() => state.CopyFrom(new OptState(TinyOpt.Config)));
    }

    [Fact]
    public void NeuronsOfAnotherKindAreRefused() =>
        Assert.Throws<ArgumentException>(() => TinyOpt.Model(TinyOpt.Config).ToDecoder(new DecoderOptions { Spiking = new SpikingConfig() }));
}
