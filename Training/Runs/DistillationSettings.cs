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
            Threshold = (float)s.Number("threshold", ShortestNumber.Of(d.Spiking.Threshold), Allowed.Positive),
            Alpha = (float)s.Number("alpha", ShortestNumber.Of(d.Spiking.Alpha), Allowed.Positive),
        },
        Loss = d.Loss with
        {
            KLWeight = (float)s.Number("kl_weight", ShortestNumber.Of(d.Loss.KLWeight), Allowed.NotNegative),
            Temperature = (float)s.Number("temperature", ShortestNumber.Of(d.Loss.Temperature), Allowed.Positive),
            HiddenWeight = (float)s.Number("hidden_weight", ShortestNumber.Of(d.Loss.HiddenWeight), Allowed.NotNegative),
            CrossEntropyWeight = (float)s.Number("cross_entropy_weight", ShortestNumber.Of(d.Loss.CrossEntropyWeight), Allowed.NotNegative),
        },
        Compensation = s.Number("compensation", d.Compensation, Allowed.NotNegative),
    };
}
