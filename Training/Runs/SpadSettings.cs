using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>spad</c>: weights of spike-aware alignment distillation, for a teacher of type opt.</summary>
internal static class SpadSettings
{
    internal static SpadOptions Pass(ISettings s, SpadOptions d) => new()
    {
        Embedding = Weight(s, "ea_weight", d.Embedding),
        Attention = Weight(s, "saa_weight", d.Attention),
        Features = Weight(s, "sfa_weight", d.Features),
        SoftTargets = Weight(s, "sta_weight", d.SoftTargets),
        HardTargets = Weight(s, "hta_weight", d.HardTargets),
        Temperature = (float)s.Number("temperature", ShortestNumber.Of(d.Temperature), Allowed.Positive),
        RateShare = (float)s.Number("rate_share", ShortestNumber.Of(d.RateShare), Allowed.Share),
        GradientNormsEvery = s.Whole("gradient_norms_every", d.GradientNormsEvery, 0),
    };

    private static float Weight(ISettings s, string name, float value) => (float)s.Number(name, ShortestNumber.Of(value), Allowed.NotNegative);
}
