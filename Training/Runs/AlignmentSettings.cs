using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>alignment</c>.</summary>
public sealed record AlignmentSettings
{
    /// <summary>Direct preference optimisation.</summary>
    public const string Dpo = "dpo";

    /// <summary>Kahneman-Tversky optimisation.</summary>
    public const string Kto = "kto";

    private static readonly Allowed s_belowHalf = new(x => x is >= 0 and < 0.5, "a number from 0 to below 0.5");

    /// <summary><see cref="Dpo"/> or <see cref="Kto"/>.</summary>
    public string Method { get; init; } = Dpo;

    /// <summary>How closely the model stays with its reference: the larger, the closer.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>Folder of the reference; the model to start from when null.</summary>
    public string? Reference { get; init; }

    /// <summary>Share of the pairs that is taken to be labelled the wrong way round; of <see cref="Dpo"/>.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Weight of desirable completions; of <see cref="Kto"/>.</summary>
    public double DesirableWeight { get; init; } = 1;

    /// <summary>Weight of undesirable completions; of <see cref="Kto"/>.</summary>
    public double UndesirableWeight { get; init; } = 1;

    internal static AlignmentSettings Pass(ISettings s, AlignmentSettings d)
    {
        AlignmentSettings common = d with
        {
            Method = s.Choice("method", d.Method, Dpo, Kto),
            Beta = s.Number("beta", d.Beta, Allowed.Positive),
            Reference = s.TextOrNone("reference", d.Reference),
        };
        return common.Method == Dpo
            ? common with { LabelSmoothing = s.Number("label_smoothing", d.LabelSmoothing, s_belowHalf) }
            : common with
            {
                DesirableWeight = s.Number("desirable_weight", d.DesirableWeight, Allowed.Positive),
                UndesirableWeight = s.Number("undesirable_weight", d.UndesirableWeight, Allowed.Positive),
            };
    }
}
