using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>schedule</c>: how the learning rate rises to its peak and falls.</summary>
public sealed record ScheduleSettings
{
    /// <summary>Falls as half a cosine.</summary>
    public const string Cosine = "cosine";

    /// <summary>Falls on a straight line.</summary>
    public const string Linear = "linear";

    /// <summary>Stays at the peak.</summary>
    public const string Constant = "constant";

    /// <summary><see cref="Cosine"/>, <see cref="Linear"/> or <see cref="Constant"/>.</summary>
    public string Name { get; init; } = Cosine;

    /// <summary>Steps in which the rate rises, or null for a share.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>Share of the steps in which the rate rises.</summary>
    public double? WarmupShare { get; init; } = 0.05;

    /// <summary>Where the rate ends, as a share of the peak.</summary>
    public double FinalShare { get; init; }

    internal static ScheduleSettings Pass(ISettings s, ScheduleSettings d)
    {
        bool given = s.OnlyOne("warmup_steps", "warmup_share");
        return new ScheduleSettings
        {
            Name = s.Choice("name", d.Name, Cosine, Linear, Constant),
            WarmupSteps = (int?)s.WholeOrNone("warmup_steps", given ? null : d.WarmupSteps, 0, int.MaxValue),
            WarmupShare = s.NumberOrNone("warmup_share", given ? null : d.WarmupShare, Allowed.Below1),
            FinalShare = s.Number("final_share", d.FinalShare, Allowed.Share),
        };
    }
}
