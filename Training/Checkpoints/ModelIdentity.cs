using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>What a model must share with a checkpoint to go on from it, by the names of <c>config.json</c>.</summary>
internal static class ModelIdentity
{
    public static void Visit(IStateVisitor state, LanguageModelConfig config)
    {
        switch (config)
        {
            case Mamba2Config mamba2:
                Visit(state, mamba2);
                break;
            case OptConfig opt:
                Visit(state, opt);
                break;
            default:
                throw new ArgumentException($"Models of type '{config.ModelType}' have no training checkpoints.", nameof(config));
        }
    }

    public static void Visit(IStateVisitor state, ImageNetworkConfig config)
    {
        state.Same("model_type", config.ModelType);
        Same(state, "family", config.Family);
        Same(state, "channels", config.Channels);
        Same(state, "height", config.Height);
        Same(state, "width", config.Width);
        Same(state, "classes", config.Classes);
        Same(state, "widths", string.Join("; ", config.Widths.Select(block => string.Join(", ", block))));
        Same(state, "pooled_blocks", string.Join(", ", config.PooledBlocks));
        Same(state, "strides", string.Join(", ", config.Strides));
        Same(state, "pooling", config.Pooling);
        Same(state, "dropout", config.Dropout);
        Same(state, "time_steps", config.TimeSteps);
        Same(state, "membrane_dropout", config.MembraneDropout);
        Same(state, "reset", config.Reset);
        Same(state, "initial_threshold", config.InitialThreshold is { } threshold ? threshold : "none");
        Same(state, "divide_bias", config.DividesBias);
        Same(state, "pool_sums", config.PoolsSums);
        Same(state, "spiking", config.IsSpiking);
        Same(state, "mean", string.Join(", ", config.Mean));
        Same(state, "std", string.Join(", ", config.Std));
    }

    private static void Visit(IStateVisitor state, OptConfig config)
    {
        state.Same("model_type", config.ModelType);
        Same(state, "vocab_size", config.VocabSize);
        Same(state, "hidden_size", config.DModel);
        Same(state, "num_hidden_layers", config.LayerCount);
        Same(state, "num_attention_heads", config.HeadCount);
        Same(state, "ffn_dim", config.FfnDim);
        Same(state, "max_position_embeddings", config.MaxPositions);
        Same(state, "word_embed_proj_dim", config.EmbeddingWidth);
        Same(state, "do_layer_norm_before", config.NormBefore);
        Same(state, "layer_norm_epsilon", config.NormEpsilon);
        Same(state, "tie_word_embeddings", config.TieEmbeddings);
        Same(state, "enable_bias", config.UseBias);
        Same(state, "spiking", config.Spiking is not { } s
            ? "none"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{s.TimeSteps} steps, threshold {s.Threshold}, beta {s.Beta}, alpha {s.SurrogateAlpha}{(s.DetachesReset ? ", detached" : "")}{(s.ResetsAfterLeak ? ", reset after leak" : "")}{(s.PreNorm ? ", norms" : "")}, {s.Residual}, input {s.InputScale}"));
    }

    private static void Visit(IStateVisitor state, Mamba2Config config)
    {
        Same("vocab_size", config.VocabSize);
        Same("hidden_size", config.DModel);
        Same("num_hidden_layers", config.LayerCount);
        Same("state_size", config.DState);
        Same("head_dim", config.HeadDim);
        Same("n_groups", config.GroupCount);
        Same("expand", config.Expand);
        Same("conv_kernel", config.DConv);
        Same("chunk_size", config.ChunkSize);   // not the model's, but the rounding's
        Same("layer_norm_epsilon", config.NormEpsilon);
        Same("time_step_limit", string.Create(CultureInfo.InvariantCulture, $"{config.DtLimitLow} to {config.DtLimitHigh}"));
        Same("tie_word_embeddings", config.TieEmbeddings);
        Same("use_bias", config.UseBias);
        Same("use_conv_bias", config.UseConvBias);
        Same("grouped_norm", config.GroupedNorm);
        Same("spiking", config.Spiking is not { } s
            ? "none"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{s.Neuron}, {s.Levels} levels, alpha {s.Alpha}, threshold {s.Threshold}{(s.OwnThresholds ? " of each" : "")}, {s.SurrogateInUse}, beta {s.Beta}, {s.Reset}"));

        void Same(string name, object value) => ModelIdentity.Same(state, name, value);
    }

    private static void Same(IStateVisitor state, string name, object value) => state.Same(name, Convert.ToString(value, CultureInfo.InvariantCulture)!);
}
