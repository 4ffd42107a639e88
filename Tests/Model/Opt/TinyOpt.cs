using SpikeEngine.Model.Opt;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Transformers that are quick to run.</summary>
internal static class TinyOpt
{
    public static OptConfig Config { get; } = new() { VocabSize = 61, DModel = 24, LayerCount = 2, HeadCount = 2, FfnDim = 40, MaxPositions = 150 };

    public static OptConfig PostNorm { get; } = Config with { EmbedDim = 10, NormBefore = false, UseBias = false, TieEmbeddings = false, NormEpsilon = 1e-3f };

    public static OptConfig Paper { get; } = Config with { Spiking = BinarySpiking.Paper };

    public static OptConfig Stable { get; } = Config with { Spiking = BinarySpiking.Stable with { TimeSteps = 4, InputScale = 30f } };

    public static TheoryData<string> All => ["opt", "opt, post-norm", "bispikclm, paper", "bispikclm, stable"];

    public static TheoryData<string> Spiking => ["bispikclm, paper", "bispikclm, stable"];

    public static OptConfig Of(string name) => name switch
    {
        "opt" => Config,
        "opt, post-norm" => PostNorm,
        "bispikclm, paper" => Paper,
        _ => Stable,
    };

    /// <summary>A model with biases that are not zero, so that a lost one is seen.</summary>
    public static OptLanguageModel Model(OptConfig config, ulong seed = 1)
    {
        OptLanguageModel model = new(config, ParameterStore.Random(seed));
        foreach (Parameter parameter in model.Parameters().Where(p => p.Path.EndsWith("bias", StringComparison.Ordinal)))
            Init.Normal(0.1f)(parameter.Values, new SeededRandom(9, parameter.Path));
        return model;
    }

    public static int[] Tokens(int count) => TinyModels.Tokens(count, Config.VocabSize);
}
