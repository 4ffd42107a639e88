using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>The vectors of left-padded batches, as transformers computes them.</summary>
[Collection(Lanes.Name)]
public class PaddingVectorTests
{
    private const string Vectors = "expected_leftpad.safetensors";

    public static TheoryData<string> Models => new(Directory.EnumerateDirectories(GoldenFiles.Folder("A_models"))
        .Where(folder => File.Exists(Path.Combine(folder, Vectors))).Select(folder => Path.GetFileName(folder)));

    [Theory]
    [MemberData(nameof(Models))]
    public void PaddedBatchesMatch(string name)
    {
        string folder = Path.Combine(GoldenFiles.Folder("A_models"), name);
        using GoldenCase expected = new(Path.Combine(folder, Vectors));
        Mamba2LanguageModel model = ModelFolder.Load<Mamba2LanguageModel>(Path.Combine(folder, "hf"));
        int batch = expected.Shape("input_ids")[0], length = expected.Shape("input_ids")[1], v = model.Config.VocabSize;
        int[] ids = expected.Tokens("input_ids"), mask = expected.Tokens("attention_mask");
        int[] padding = [.. Enumerable.Range(0, batch).Select(b => mask.AsSpan(b * length, length).IndexOf(1))];
        Assert.Contains(padding, count => count > 0);
        float[] wanted = expected.Floats("logits_hf");
        Lanes.AtEveryWidth(() =>
        {
            float[] logits = model.Config.UseBias
                ? WithTraceOfPadding(model, ids, padding, length)
                : model.Forward(ids, batch, padding: padding).ToArray();

            // Logits at padding mean nothing, here or there.
            for (int i = 0; i < mask.Length; i++)
            {
                if (mask[i] == 0)
                    wanted.AsSpan(i * v, v).CopyTo(logits.AsSpan(i * v));
            }

            expected.AssertClose("logits_hf", logits, Number("logits_atol"), Number("logits_rtol"));
        });

        double Number(string key) => expected.Tolerance.GetProperty(key).GetDouble();
    }

    /// <summary>
    /// transformers masks the input of in_proj, but not what its bias then puts into the convolution: padding leaves a trace of K - 1
    /// tokens, which is the bias itself. We leave none; begun with that window, a sequence without padding is theirs.
    /// </summary>
    private static float[] WithTraceOfPadding(Mamba2LanguageModel model, int[] ids, int[] padding, int length)
    {
        float[] logits = new float[ids.Length * model.Config.VocabSize];
        for (int sequence = 0; sequence < padding.Length; sequence++)
        {
            Mamba2State state = new(model.Config);
            for (int layer = 0; layer < model.Config.LayerCount; layer++)
            {
                ReadOnlySpan<float> bias = model.Blocks[layer].Mixer.InProj.Bias!.Values.Slice(model.Config.DInner, model.Config.ConvChannels);
                int taps = Math.Min(padding[sequence], model.Config.DConv);
                for (int tap = model.Config.DConv - taps; tap < model.Config.DConv; tap++)
                    bias.CopyTo(state.ConvWindow(layer, 0)[(tap * model.Config.ConvChannels)..]);
            }

            int from = sequence * length + padding[sequence];
            Tensor alone = model.Forward(ids.AsMemory(from, length - padding[sequence]), batch: 1, state);
            alone.Values.CopyTo(logits.AsSpan(from * model.Config.VocabSize));
        }

        return logits;
    }
}
