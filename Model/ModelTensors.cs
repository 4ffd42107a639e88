using SpikeEngine.Kernels;

namespace SpikeEngine.Model;

/// <summary>A tensor of a model.</summary>
/// <param name="Name">As in the Hugging Face checkpoints.</param>
/// <param name="Dims">Its shape.</param>
/// <param name="Initializer">How a new one is filled.</param>
/// <param name="IsMatrix">Whether it is one of the large ones, [outputs, inputs], which may be kept in fewer bytes.</param>
internal sealed record ModelTensor(string Name, int[] Dims, Initializer Initializer, bool IsMatrix);

/// <summary>All tensors of a model without the model: what a checkpoint of its configuration has to hold.</summary>
internal static class ModelTensors
{
    internal const string Embedding = "backbone.embeddings.weight";
    internal const string Head = "lm_head.weight";
    internal const string InNeuron = "in_neuron";
    internal const string OutNeuron = "out_neuron";
    internal const string Threshold = "threshold";
    private const float EmbeddingDeviation = 0.02f;

    /// <summary>How the embedding and the head start.</summary>
    internal static Initializer InitialEmbedding { get; } = Init.Normal(EmbeddingDeviation);

    /// <summary>In the order in which the model asks for them.</summary>
    internal static IEnumerable<ModelTensor> Of(Mamba2Config config)
    {
        yield return new ModelTensor(Embedding, [config.VocabSize, config.DModel], InitialEmbedding, IsMatrix: true);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (ModelTensor tensor in OfLayer(config, $"backbone.layers.{layer}."))
                yield return tensor;
        }

        yield return new ModelTensor("backbone.norm_f.weight", [config.DModel], Init.Ones, IsMatrix: false);
        if (!config.TieEmbeddings)
            yield return new ModelTensor(Head, [config.VocabSize, config.DModel], InitialEmbedding, IsMatrix: true);
    }

    private static IEnumerable<ModelTensor> OfLayer(Mamba2Config config, string block)
    {
        string mixer = block + "mixer.";
        yield return new ModelTensor(block + "norm.weight", [config.DModel], Init.Ones, IsMatrix: false);
        yield return new ModelTensor(mixer + "dt_bias", [config.HeadCount], InitialTimeSteps, IsMatrix: false);
        yield return new ModelTensor(mixer + "A_log", [config.HeadCount], InitialDecays, IsMatrix: false);
        yield return new ModelTensor(mixer + "D", [config.HeadCount], Init.Ones, IsMatrix: false);
        yield return new ModelTensor(mixer + "conv1d.weight", [config.ConvChannels, 1, config.DConv], Init.KaimingUniform(config.DConv), IsMatrix: false);
        if (config.UseConvBias)
            yield return new ModelTensor(mixer + "conv1d.bias", [config.ConvChannels], Init.KaimingUniform(config.DConv), IsMatrix: false);
        yield return new ModelTensor(mixer + "in_proj.weight", [config.InProjRows, config.DModel], Init.KaimingUniform(config.DModel), IsMatrix: true);
        if (config.UseBias)
            yield return new ModelTensor(mixer + "in_proj.bias", [config.InProjRows], Init.Zeros, IsMatrix: false);
        yield return new ModelTensor(mixer + "norm.weight", [config.DInner], Init.Ones, IsMatrix: false);
        yield return new ModelTensor(
            mixer + "out_proj.weight", [config.DModel, config.DInner], Init.KaimingUniform(config.DInner, OutProjScale(config)), IsMatrix: true);
        if (config.UseBias)
            yield return new ModelTensor(mixer + "out_proj.bias", [config.DModel], Init.Zeros, IsMatrix: false);
        if (config.Spiking is not { OwnThresholds: true } spiking)
            yield break;
        foreach (string neuron in (string[])[InNeuron, OutNeuron])
            yield return new ModelTensor($"{mixer}{neuron}.{Threshold}", [1], InitialThreshold(spiking), IsMatrix: false);
    }

    /// <summary>How a threshold of its own starts.</summary>
    internal static Initializer InitialThreshold(Spiking.SpikingConfig spiking) => (values, _) => values.Fill(spiking.Threshold);

    /// <summary>Every block adds to the residual stream, which shall start out alike for any number of them.</summary>
    internal static float OutProjScale(Mamba2Config config) => 1f / MathF.Sqrt(config.LayerCount);

    /// <summary>A uniform in [1, 16], A_log its logarithm.</summary>
    internal static void InitialDecays(Span<float> values, SeededRandom random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)DoubleMath.Log(1 + 15 * random.NextFloat());
    }

    /// <summary>dt log-uniform in [0.001, 0.1]; dt_bias is its inverse softplus.</summary>
    internal static void InitialTimeSteps(Span<float> values, SeededRandom random)
    {
        const double Smallest = 1e-3, Largest = 0.1;
        for (int i = 0; i < values.Length; i++)
        {
            double dt = Smallest * DoubleMath.Exp(random.NextFloat() * DoubleMath.Log(Largest / Smallest));
            values[i] = (float)(dt + DoubleMath.Log(1 - DoubleMath.Exp(-dt)));
        }
    }
}
