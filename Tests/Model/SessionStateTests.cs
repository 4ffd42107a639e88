using SpikeEngine.Model;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>A state is a value: it can be kept, copied, gone back to and saved, and nothing of it is shared by accident.</summary>
public sealed class SessionStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Mamba2LanguageModel _model = TinyModels.Dense();
    private readonly Mamba2Decoder _decoder;
    private readonly int[] _ids;

    public SessionStateTests()
    {
        _decoder = new Mamba2Decoder(_model);
        _ids = TinyModels.Tokens(24, _model.Config.VocabSize);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ASnapshotIsGoneBackToBitByBit()
    {
        DecoderSession session = Begun();
        SessionSnapshot snapshot = session.Snapshot();
        float[] here = session.Logits.ToArray(), next = session.Step(_ids[10]).ToArray();
        session.Prefill(_ids.AsMemory(11));

        session.Restore(snapshot);
        Assert.Equal(10, session.State.Position);
        Assert.Equal(here, session.Logits.ToArray());
        Assert.Equal(next, session.Step(_ids[10]).ToArray());

        // The session went on from the snapshot; the snapshot itself did not.
        session.Restore(snapshot);
        Assert.Equal(next, session.Step(_ids[10]).ToArray());
    }

    [Fact]
    public void AForkGoesItsOwnWay()
    {
        DecoderSession session = Begun(), fork = session.Fork();
        Assert.Equal(session.Logits.ToArray(), fork.Logits.ToArray());
        float[] expected = session.Fork().Step(7).ToArray();
        fork.Step(3);
        Assert.Equal(expected, session.Step(7).ToArray());
    }

    [Fact]
    public void RememberedCallsAreTakenBack()
    {
        DecoderSession session = _decoder.NewSession(rememberedCalls: 3);
        session.Prefill(_ids.AsMemory(0, 10));
        List<float[]> logits = [session.Logits.ToArray()];
        for (int i = 10; i < 15; i++)
            logits.Add(session.Step(_ids[i]).ToArray());

        session.RollBack(0);
        Assert.Equal(logits[5], session.Logits.ToArray());
        session.RollBack(2);
        Assert.Equal(13, session.State.Position);
        Assert.Equal(logits[3], session.Logits.ToArray());
        Assert.Equal(logits[4], session.Step(_ids[13]).ToArray());

        string message = Assert.Throws<InvalidOperationException>(() => session.RollBack(9)).Message;
        Assert.Contains("position 5", message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Begun().RollBack(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _decoder.NewSession(-1));
    }

    [Fact]
    public void ASavedSnapshotGoesOnInAnotherSession()
    {
        DecoderSession session = Begun();
        string path = Path.Combine(_folder.Path, "state.safetensors");
        session.Snapshot().Save(path);
        float[] expected = session.Step(_ids[10]).ToArray();

        DecoderSession other = _decoder.NewSession();
        other.Restore(SessionSnapshot.Load(path, _model.Config));
        Assert.Equal(10, other.State.Position);
        Assert.Equal(expected, other.Step(_ids[10]).ToArray());
    }

    [Fact]
    public void AFileThatIsNoStateOfTheModelIsRefused()
    {
        string path = Path.Combine(_folder.Path, "state.safetensors");
        Begun().Snapshot().Save(path);
        byte[] bytes = File.ReadAllBytes(path);

        Refused("checksum", bytes => bytes[^5] ^= 1, _model.Config);
        Refused("version is '2'", bytes => Replace(bytes, "\"version\":\"1\"", "\"version\":\"2\""), _model.Config);
        Refused("checksum", bytes => Replace(bytes, "\"position\":\"10\"", "\"position\":\"11\""), _model.Config);
        Refused("another model", _ => { }, _model.Config with { LayerCount = _model.Config.LayerCount + 1 });
        Refused("expected [", _ => { }, _model.Config with { VocabSize = _model.Config.VocabSize + 1 });

        void Refused(string offence, Action<byte[]> damage, Mamba2Config config)
        {
            byte[] damaged = [.. bytes];
            damage(damaged);
            File.WriteAllBytes(path, damaged);
            string message = Assert.Throws<InvalidDataException>(() => SessionSnapshot.Load(path, config)).Message;
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            Assert.Contains(offence, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AStateOfOtherSizesIsRefused()
    {
        DecoderSession session = Begun();
        Mamba2LanguageModel other = TinyModels.Dense(TinyModels.UnusualConfig);
        SessionSnapshot snapshot = new Mamba2Decoder(other).NewSession().Snapshot();
        Assert.Throws<ArgumentException>(() => session.Restore(snapshot));
        Assert.Throws<ArgumentException>(() => new Mamba2State(_model.Config, batch: 2).CopyFrom(session.State));
    }

    [Fact]
    public void ACancelledPrefillLeavesTheTextAsItWas()
    {
        DecoderSession session = Begun();
        float[] expected = session.Fork().Step(7).ToArray();
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => session.Prefill(TinyModels.Tokens(2_000, _model.Config.VocabSize), cancelled.Token));
        Assert.Equal(expected, session.Step(7).ToArray());
    }

    private DecoderSession Begun()
    {
        DecoderSession session = _decoder.NewSession();
        session.Prefill(_ids.AsMemory(0, 10));
        return session;
    }

    private static void Replace(byte[] bytes, string old, string replacement)
    {
        int at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(old));
        Assert.True(at > 0);
        System.Text.Encoding.ASCII.GetBytes(replacement).CopyTo(bytes, at);
    }
}
