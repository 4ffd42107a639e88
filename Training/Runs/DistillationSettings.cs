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

    /// <summary>Where the smooth path of the smoothed gradient compensation enters.</summary>
    public CompensationForm CompensationForm { get; init; }

    /// <summary>How wide it is: 1 in the paper.</summary>
    public double CompensationWidth { get; init; } = 1;

    private const string UsualSurrogate = "usual";

    /// <summary>The compensation of a new student; null for none.</summary>
    internal SmoothedCompensation? NewCompensation() => Loss.Compensation == 0f ? null : new SmoothedCompensation(CompensationForm, (float)CompensationWidth);

    internal static DistillationSettings Pass(ISettings s, DistillationSettings d) => new()
    {
        Teacher = s.TextOrNone("teacher", d.Teacher),
        Spiking = d.Spiking with
        {
            Neuron = Choice(s, "neuron", SpikingNames.Neurons, d.Spiking.Neuron),
            Levels = s.Whole("levels", d.Spiking.Levels, 1, most: SpikingConfig.MaxLevels),
            Threshold = (float)s.Number("threshold", ShortestNumber.Of(d.Spiking.Threshold), Allowed.Positive),
            OwnThresholds = s.Switch("learn_thresholds", d.Spiking.OwnThresholds),
            Alpha = (float)s.Number("alpha", ShortestNumber.Of(d.Spiking.Alpha), Allowed.Positive),
            Surrogate = SpikingNames.Surrogates.ValueOf(s.Choice(
                "surrogate", d.Spiking.Surrogate is { } surrogate ? SpikingNames.Surrogates.NameOf(surrogate) : UsualSurrogate,
                [UsualSurrogate, .. SpikingNames.Surrogates.Select(n => n.Name)])),
            Beta = (float)s.Number("beta", ShortestNumber.Of(d.Spiking.Beta), Allowed.Share),
            Reset = Choice(s, "reset", SpikingNames.Resets, d.Spiking.Reset),
        },
        Loss = d.Loss with
        {
            KLWeight = (float)s.Number("kl_weight", ShortestNumber.Of(d.Loss.KLWeight), Allowed.NotNegative),
            Temperature = (float)s.Number("temperature", ShortestNumber.Of(d.Loss.Temperature), Allowed.Positive),
            ReverseShare = (float)s.Number("reverse_kl_share", ShortestNumber.Of(d.Loss.ReverseShare), Allowed.Share),
            HiddenWeight = (float)s.Number("hidden_weight", ShortestNumber.Of(d.Loss.HiddenWeight), Allowed.NotNegative),
            Hidden = d.Loss.Hidden with
            {
                LastOnly = s.Choice("hidden_layers", d.Loss.Hidden.LastOnly ? "last" : "all", "all", "last") == "last",
                Point = Choice(s, "hidden_point", HiddenOptions.Points, d.Loss.Hidden.Point),
                Form = Choice(s, "hidden_form", HiddenOptions.Forms, d.Loss.Hidden.Form),
            },
            CrossEntropyWeight = (float)s.Number("cross_entropy_weight", ShortestNumber.Of(d.Loss.CrossEntropyWeight), Allowed.NotNegative),
            Activity = d.Loss.Activity with
            {
                Target = s.NumberOrNone("activity_target", d.Loss.Activity.Target, Allowed.Between0And1),
                Measure = Choice(s, "activity_measure", ActivityOptions.Measures, d.Loss.Activity.Measure),
                Weight = s.Number("activity_weight", d.Loss.Activity.Weight, Allowed.Positive),
                RampShare = s.Number("activity_ramp_share", d.Loss.Activity.RampShare, Allowed.Share),
            },
            TeacherTopK = (int?)s.WholeOrNone("teacher_top_k", d.Loss.TeacherTopK, 1, int.MaxValue),
            Compensation = (float)s.Number("compensation", ShortestNumber.Of(d.Loss.Compensation), Allowed.NotNegative),
            CompensationAnnealShare = s.NumberOrNone("compensation_anneal_share", d.Loss.CompensationAnnealShare, Allowed.Share),
        },
        CompensationForm = Choice(s, "compensation_form", SpikingNames.Compensations, d.CompensationForm),
        CompensationWidth = s.Number("compensation_width", d.CompensationWidth, Allowed.Positive),
    };

    private static T Choice<T>(ISettings s, string key, IReadOnlyList<(string Name, T Value)> names, T value)
        where T : struct => names.ValueOf(s.Choice(key, names.NameOf(value), [.. names.Select(n => n.Name)]))!.Value;
}
