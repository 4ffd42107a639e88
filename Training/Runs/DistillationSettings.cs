using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>distillation</c>: the teacher, the student's neurons and the terms of the loss.</summary>
public sealed record DistillationSettings
{
    /// <summary>Folder of the dense teacher.</summary>
    public string? Teacher { get; init; }

    /// <summary>The neurons: levels (the paper's D), threshold, and the slope of the surrogate.</summary>
    public SpikingConfig Spiking { get; init; } = new();

    /// <summary>The terms of the loss.</summary>
    public DistillationOptions Loss { get; init; } = new();

    /// <summary>Lambda of the smoothed gradient compensation; 0 for none.</summary>
    public double Compensation { get; init; }

    internal static DistillationSettings Pass(ISettings s, DistillationSettings d) => new()
    {
        Teacher = s.TextOrNone("teacher", d.Teacher),
        Spiking = d.Spiking with
        {
            Levels = s.Whole("levels", d.Spiking.Levels, 1, most: SpikingConfig.MaxLevels),
            Threshold = (float)s.Number("threshold", Shortest(d.Spiking.Threshold), Allowed.Positive),
            Alpha = (float)s.Number("alpha", Shortest(d.Spiking.Alpha), Allowed.Positive),
        },
        Loss = d.Loss with
        {
            KLWeight = (float)s.Number("kl_weight", Shortest(d.Loss.KLWeight), Allowed.NotNegative),
            Temperature = (float)s.Number("temperature", Shortest(d.Loss.Temperature), Allowed.Positive),
            HiddenWeight = (float)s.Number("hidden_weight", Shortest(d.Loss.HiddenWeight), Allowed.NotNegative),
            CrossEntropyWeight = (float)s.Number("cross_entropy_weight", Shortest(d.Loss.CrossEntropyWeight), Allowed.NotNegative),
        },
        Compensation = s.Number("compensation", d.Compensation, Allowed.NotNegative),
    };

    /// <summary>The double that prints as the single does: 0.1 and not 0.10000000149011612.</summary>
    private static double Shortest(float value) => (double)(decimal)value;
}
