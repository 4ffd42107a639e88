using SpikeEngine.Model;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>model</c>: the sizes of a new model, or the folder of one to start from.</summary>
public sealed record ModelSettings
{
    private static readonly string[] s_sizes =
    [
        "vocab_size", "d_model", "hidden_size", "n_layer", "num_hidden_layers", "d_state", "state_size", "headdim", "head_dim", "ngroups", "n_groups",
        "expand", "d_conv", "conv_kernel", "chunk_size", "tie_embeddings", "tie_word_embeddings", "use_bias", "use_conv_bias",
    ];

    /// <summary>The folder of a model to start from, or null for a new one, whose sizes follow.</summary>
    public string? From { get; init; }

    /// <summary>Rows of the embedding; those of the tokenizer when null.</summary>
    public int? VocabSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public int DModel { get; init; } = 128;

    /// <summary>Blocks.</summary>
    public int LayerCount { get; init; } = 2;

    /// <summary>State per channel.</summary>
    public int DState { get; init; } = 16;

    /// <summary>Channels per head.</summary>
    public int HeadDim { get; init; } = 32;

    /// <summary>Groups of heads that share B and C.</summary>
    public int GroupCount { get; init; } = 1;

    /// <summary>The inner width over <see cref="DModel"/>.</summary>
    public int Expand { get; init; } = 2;

    /// <summary>Taps of the convolution.</summary>
    public int DConv { get; init; } = 4;

    /// <summary>Tokens per chunk of the scan.</summary>
    public int ChunkSize { get; init; } = 32;

    /// <summary>Whether the head is the embedding.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Whether the projections have a bias.</summary>
    public bool UseBias { get; init; }

    /// <summary>Whether the convolution has a bias.</summary>
    public bool UseConvBias { get; init; } = true;

    /// <summary>The sizes as the model takes them.</summary>
    /// <param name="tokenizerSize">Tokens of the tokenizer.</param>
    public Mamba2Config ToConfig(int tokenizerSize) => new()
    {
        VocabSize = VocabSize ?? tokenizerSize,
        DModel = DModel,
        LayerCount = LayerCount,
        DState = DState,
        HeadDim = HeadDim,
        GroupCount = GroupCount,
        Expand = Expand,
        DConv = DConv,
        ChunkSize = ChunkSize,
        TieEmbeddings = TieEmbeddings,
        UseBias = UseBias,
        UseConvBias = UseConvBias,
    };

    /// <summary>Settings of a new model, or of one that is read: its sizes are in its folder.</summary>
    internal static ModelSettings Pass(ISettings s, ModelSettings d)
    {
        string? from = s.TextOrNone("from", d.From);
        s.Excludes("from", s_sizes);
        if (from is not null)
            return d with { From = from };
        return new ModelSettings
        {
            VocabSize = (int?)s.WholeOrNone("vocab_size", d.VocabSize, 1, int.MaxValue),
            DModel = s.Whole("d_model", d.DModel, 1, "hidden_size"),
            LayerCount = s.Whole("n_layer", d.LayerCount, 1, "num_hidden_layers"),
            DState = s.Whole("d_state", d.DState, 1, "state_size"),
            HeadDim = s.Whole("headdim", d.HeadDim, 1, "head_dim"),
            GroupCount = s.Whole("ngroups", d.GroupCount, 1, "n_groups"),
            Expand = s.Whole("expand", d.Expand, 1),
            DConv = s.Whole("d_conv", d.DConv, 1, "conv_kernel"),
            ChunkSize = s.Whole("chunk_size", d.ChunkSize, 1),
            TieEmbeddings = s.Switch("tie_embeddings", d.TieEmbeddings, "tie_word_embeddings"),
            UseBias = s.Switch("use_bias", d.UseBias),
            UseConvBias = s.Switch("use_conv_bias", d.UseConvBias),
        };
    }

    /// <summary>Settings of a model that must be there already.</summary>
    internal static ModelSettings PassFrom(ISettings s, ModelSettings d) => d with { From = s.TextOrNone("from", d.From) };
}
