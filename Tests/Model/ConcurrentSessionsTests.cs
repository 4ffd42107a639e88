using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Text;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>Sessions on one set of weights, all at once, each with the bits that it has alone.</summary>
public class ConcurrentSessionsTests
{
    private const int Sessions = 8;
    private const int Tokens = 200;

    [Theory]
    [InlineData(StorageType.Float32, false)]
    [InlineData(StorageType.Int8, false)]
    [InlineData(StorageType.BFloat16, true)]
    public void EightSessionsGenerateWhatTheyGenerateAlone(StorageType type, bool spiking)
    {
        // Wide enough for its products to be cut into pieces for several threads.
        Mamba2Config config = new() { VocabSize = 600, DModel = 256, LayerCount = 2, DState = 32, HeadDim = 32, ChunkSize = 16 };
        Mamba2LanguageModel model = TinyModels.Dense(config);
        Mamba2Decoder decoder = new(model, new DecoderOptions { Weights = type, Spiking = spiking ? new SpikingConfig { Threshold = 0.5f } : null });
        int[][] alone = [.. Enumerable.Range(0, Sessions).Select(seed => Generate(decoder, seed))];
        Assert.Equal(Sessions, alone.Select(tokens => string.Join(' ', tokens)).Distinct().Count());

        int[][] together = new int[Sessions][];
        Thread[] threads = [.. Enumerable.Range(0, Sessions).Select(seed => new Thread(() => together[seed] = Generate(decoder, seed)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        for (int seed = 0; seed < Sessions; seed++)
            Assert.Equal(alone[seed], together[seed]);
    }

    /// <summary>The tokens, and the bits of the last logits.</summary>
    private static int[] Generate(Mamba2Decoder decoder, int seed)
    {
        DecoderSession session = decoder.NewSession();
        Sampler sampler = new(new SamplingOptions { Seed = (ulong)seed, Temperature = 1f });
        session.Prefill(TinyModels.Tokens(30 + seed, decoder.Config.VocabSize));
        List<int> tokens = [];
        while (tokens.Count < Tokens)
        {
            tokens.Add(sampler.Next(session.Logits));
            session.Step(tokens[^1]);
        }

        foreach (float logit in session.Logits)
            tokens.Add(BitConverter.SingleToInt32Bits(logit));
        return [.. tokens];
    }
}
