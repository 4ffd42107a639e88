using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>student</c>: sizes and neurons of the BiSpikCLM student of a teacher of type opt. A size that is not given is the teacher's.</summary>
public sealed record StudentSettings
{
    private static readonly (string Name, BinarySpiking Neurons)[] s_blocks = [("paper", BinarySpiking.Paper), ("stable", BinarySpiking.Stable)];

    private static readonly (string Name, SpadStart Value)[] s_starts = [("random", SpadStart.Random), ("embeddings", SpadStart.Embeddings), ("teacher", SpadStart.Teacher)];

    /// <summary>Width of the residual stream.</summary>
    public int? DModel { get; init; }

    /// <summary>Blocks.</summary>
    public int? LayerCount { get; init; }

    /// <summary>Heads of attention.</summary>
    public int? HeadCount { get; init; }

    /// <summary>Width of the feed-forward part; four times <see cref="DModel"/> where that is given.</summary>
    public int? FfnDim { get; init; }

    /// <summary>Which preset reset_after_leak, pre_norm and residual come from: paper or stable.</summary>
    public string Block { get; init; } = s_blocks[0].Name;

    /// <summary>The neurons.</summary>
    public BinarySpiking Neurons { get; init; } = s_blocks[0].Neurons;

    /// <summary>What the embedding is multiplied by; one over its deviation when null: of random numbers, or of the teacher's where the student starts with those.</summary>
    public double? InputScale { get; init; }

    /// <summary>What the student starts with.</summary>
    public SpadStart Start { get; init; }

    /// <summary>The student's configuration.</summary>
    /// <param name="teacher">The teacher.</param>
    public OptConfig ToConfig(OptLanguageModel teacher)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        OptConfig dense = teacher.Config;
        int width = DModel ?? dense.DModel;
        OptConfig config = dense with
        {
            DModel = width,
            LayerCount = LayerCount ?? dense.LayerCount,
            HeadCount = HeadCount ?? (DModel is null ? dense.HeadCount : Math.Max(1, width / dense.HeadDim)),
            FfnDim = FfnDim ?? (DModel is null ? dense.FfnDim : 4 * width),
            EmbedDim = null,
            NormBefore = true,
            TieEmbeddings = true,
            Spiking = Neurons with { InputScale = (float?)InputScale ?? (Start == SpadStart.Random ? BinarySpiking.Paper.InputScale : SpadStudent.InputScale(teacher)) },
        };
        config.Validate();
        return config;
    }

    internal static StudentSettings Pass(ISettings s, StudentSettings d)
    {
        string block = s.Choice("block", d.Block, [.. s_blocks.Select(b => b.Name)]);
        BinarySpiking preset = s_blocks.First(b => b.Name == block).Neurons, n = block == d.Block
            ? d.Neurons
            : d.Neurons with { ResetsAfterLeak = preset.ResetsAfterLeak, PreNorm = preset.PreNorm, Residual = preset.Residual };
        return new StudentSettings
        {
            Block = block,
            DModel = (int?)s.WholeOrNone("d_model", d.DModel, 1, int.MaxValue),
            LayerCount = (int?)s.WholeOrNone("n_layer", d.LayerCount, 1, int.MaxValue),
            HeadCount = (int?)s.WholeOrNone("n_head", d.HeadCount, 1, int.MaxValue),
            FfnDim = (int?)s.WholeOrNone("ffn_dim", d.FfnDim, 1, int.MaxValue),
            Neurons = new BinarySpiking
            {
                TimeSteps = s.Whole("time_steps", n.TimeSteps, 1, most: BinarySpiking.MostSteps),
                Threshold = (float)s.Number("threshold", ShortestNumber.Of(n.Threshold), Allowed.Positive),
                Beta = (float)s.Number("beta", ShortestNumber.Of(n.Beta), Allowed.Below1),
                SurrogateAlpha = (float)s.Number("surrogate_alpha", ShortestNumber.Of(n.SurrogateAlpha), Allowed.Positive),
                DetachesReset = s.Switch("detach_reset", n.DetachesReset),
                ResetsAfterLeak = s.Switch("reset_after_leak", n.ResetsAfterLeak),
                PreNorm = s.Switch("pre_norm", n.PreNorm),
                Residual = OptConfigFile.Residuals.ValueOf(
                    s.Choice("residual", OptConfigFile.Residuals.NameOf(n.Residual), [.. OptConfigFile.Residuals.Select(r => r.Name)]))!.Value,
            },
            InputScale = s.NumberOrNone("input_scale", d.InputScale, Allowed.Positive),
            Start = s_starts.ValueOf(s.Choice("start", s_starts.NameOf(d.Start), [.. s_starts.Select(start => start.Name)]))!.Value,
        };
    }
}
