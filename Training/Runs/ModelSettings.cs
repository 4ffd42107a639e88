using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>model</c>: the sizes of a new model, or the folder of one to start from.</summary>
public sealed record ModelSettings
{
    internal const string Mamba2 = "mamba2";
    internal const string Opt = OptConfigFile.ModelType;

    private static readonly string[] s_ofOpt = ["n_head", "num_attention_heads", "ffn_dim", "max_positions"];
    private static readonly string[] s_ofMamba2 =
        ["d_state", "state_size", "headdim", "head_dim", "ngroups", "n_groups", "expand", "d_conv", "conv_kernel", "chunk_size", "use_conv_bias"];

    private static readonly string[] s_sizes =
    [
        "architecture", "vocab_size", "d_model", "hidden_size", "n_layer", "num_hidden_layers", "tie_embeddings", "tie_word_embeddings", "use_bias",
        .. s_ofOpt, .. s_ofMamba2,
    ];

    /// <summary>The folder of a model to start from, or null for a new one, whose sizes follow.</summary>
    public string? From { get; init; }

    /// <summary>The kind of a new model: mamba2 or opt.</summary>
    public string Architecture { get; init; } = Mamba2;

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

    /// <summary>opt: heads of attention.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>opt: width of the feed-forward part; four times <see cref="DModel"/> when null.</summary>
    public int? FfnDim { get; init; }

    /// <summary>opt: whether the projections have a bias, which those of the published models have.</summary>
    public bool UseOptBias { get; init; } = true;

    /// <summary>opt: positions that there are embeddings for; as many as a sequence of the training has when null.</summary>
    public int? MaxPositions { get; init; }

    /// <summary>The sizes as the model takes them.</summary>
    /// <param name="tokenizerSize">Tokens of the tokenizer.</param>
    /// <param name="sequenceLength">Tokens of a sequence in training.</param>
    /// <param name="endOfText">Id of the token between two texts, which begins and ends one.</param>
    public LanguageModelConfig ToConfig(int tokenizerSize, int sequenceLength, int endOfText = 0) => Architecture == Opt
        ? new OptConfig
        {
            VocabSize = VocabSize ?? tokenizerSize,
            DModel = DModel,
            LayerCount = LayerCount,
            HeadCount = HeadCount,
            FfnDim = FfnDim ?? 4 * DModel,
            MaxPositions = MaxPositions ?? sequenceLength,
            TieEmbeddings = TieEmbeddings,
            UseBias = UseOptBias,
            BosTokenId = endOfText,
            EosTokenId = endOfText,
        }
        : new Mamba2Config
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
        string architecture = s.Choice("architecture", d.Architecture, Mamba2, Opt);
        s.Foreign($"means nothing to the architecture \"{architecture}\"", architecture == Opt ? s_ofMamba2 : s_ofOpt);
        if (architecture == Opt)
            return PassOpt(s, d with { Architecture = Opt });
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

    private static ModelSettings PassOpt(ISettings s, ModelSettings d) => d with
    {
        VocabSize = (int?)s.WholeOrNone("vocab_size", d.VocabSize, 1, int.MaxValue),
        DModel = s.Whole("d_model", d.DModel, 1, "hidden_size"),
        LayerCount = s.Whole("n_layer", d.LayerCount, 1, "num_hidden_layers"),
        HeadCount = s.Whole("n_head", d.HeadCount, 1, "num_attention_heads"),
        FfnDim = (int?)s.WholeOrNone("ffn_dim", d.FfnDim, 1, int.MaxValue),
        MaxPositions = (int?)s.WholeOrNone("max_positions", d.MaxPositions, 1, ushort.MaxValue),
        TieEmbeddings = s.Switch("tie_embeddings", d.TieEmbeddings, "tie_word_embeddings"),
        UseOptBias = s.Switch("use_bias", d.UseOptBias),
    };

    /// <summary>Settings of a model that must be there already.</summary>
    internal static ModelSettings PassFrom(ISettings s, ModelSettings d) => d with { From = s.TextOrNone("from", d.From) };
}
