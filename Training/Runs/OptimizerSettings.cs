using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>optimizer</c>.</summary>
public sealed record OptimizerSettings
{
    /// <summary>Name of AdamW.</summary>
    public const string AdamW = "adamw";

    /// <summary>Name of Lion.</summary>
    public const string Lion = "lion";

    /// <summary>Moments in single precision.</summary>
    public const string Float32 = "float32";

    /// <summary>Moments in two bytes.</summary>
    public const string BFloat16 = "bfloat16";

    // Lion's authors: a rate three to ten times below AdamW's, and a decay as many times above.
    private const double LionOverAdamW = 5;

    /// <summary><see cref="AdamW"/> or <see cref="Lion"/>.</summary>
    public string Name { get; init; } = AdamW;

    /// <summary>Learning rate at the peak of the schedule.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Decays of the moments.</summary>
    public (double First, double Second) Betas { get; init; } = (0.9, 0.95);

    /// <summary>Added to AdamW's denominator.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, of matrices unless a group says otherwise.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>How the moments are stored: <see cref="Float32"/> or <see cref="BFloat16"/>.</summary>
    public string Moments { get; init; } = Float32;

    /// <summary>Parameters that are treated otherwise; the first that matches wins.</summary>
    public IReadOnlyList<GroupSettings> Groups { get; init; } = [];

    internal static OptimizerSettings Pass(ISettings s, OptimizerSettings d)
    {
        string name = s.Choice("name", d.Name, AdamW, Lion);
        d = name == d.Name ? d : d.With(name);
        return new OptimizerSettings
        {
            Name = name,
            LearningRate = s.Number("learning_rate", d.LearningRate, Allowed.Positive),
            Betas = s.Pair("betas", d.Betas, Allowed.Below1),
            Eps = name == AdamW ? s.Number("eps", d.Eps, Allowed.Positive) : d.Eps,
            WeightDecay = s.Number("weight_decay", d.WeightDecay, Allowed.NotNegative),
            Moments = s.Choice("moments", d.Moments, Float32, BFloat16),
            Groups = s.List("groups", d.Groups, new GroupSettings(), GroupSettings.Pass),
        };
    }

    private OptimizerSettings With(string name) => name == Lion
        ? this with { Name = name, LearningRate = LearningRate / LionOverAdamW, WeightDecay = WeightDecay * LionOverAdamW, Betas = (0.9, 0.99) }
        : this with { Name = name, LearningRate = LearningRate * LionOverAdamW, WeightDecay = WeightDecay / LionOverAdamW, Betas = (0.9, 0.95) };
}

/// <summary>One of the <c>optimizer.groups</c>.</summary>
public sealed record GroupSettings
{
    /// <summary>Which parameters, by their paths; <c>*</c> stands for anything.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>Factor of the learning rate; 1 when null.</summary>
    public double? LearningRateFactor { get; init; }

    /// <summary>Weight decay; the optimiser's own when null.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Whether they stay as they are.</summary>
    public bool Frozen { get; init; }

    internal static GroupSettings Pass(ISettings s, GroupSettings d)
    {
        s.Excludes("frozen", "learning_rate_factor", "weight_decay");
        return new GroupSettings
        {
            Pattern = s.Text("pattern", d.Pattern),
            LearningRateFactor = s.NumberOrNone("learning_rate_factor", d.LearningRateFactor, Allowed.NotNegative),
            WeightDecay = s.NumberOrNone("weight_decay", d.WeightDecay, Allowed.NotNegative),
            Frozen = s.Switch("frozen", d.Frozen),
        };
    }
}
