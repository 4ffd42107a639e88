using System.CommandLine;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Cli;

/// <summary>Neurons in front of the projections of any model: <c>--spiking D=4</c>, <c>D=4,threshold=0.5</c> or <c>D=4,rate=0.2</c>.</summary>
/// <param name="Config">The neurons.</param>
/// <param name="Rate">Share of inputs that shall spike, for which thresholds are found; null for the threshold as it is.</param>
internal sealed record SpikingOption(SpikingConfig Config, double? Rate)
{
    private const string Levels = "D", Threshold = "threshold", SpikeRate = "rate";

    /// <summary>The option; null when it is not given.</summary>
    public static Option<string?> Create()
    {
        Option<string?> option = new("--spiking")
        {
            Description = $"Put neurons in front of all projections, weights unchanged: {Levels}=4 for spikes of up to 4, with {Threshold}=V for the input that one "
                + $"spike stands for, or {SpikeRate}=R for thresholds at which the share R of the inputs spikes.",
            HelpName = "D=N[,...]",
        };
        option.MustParse(text => Parse(text));
        return option;
    }

    /// <summary>What the text says; null for no text.</summary>
    /// <exception cref="ArgumentException">It says nothing that can be.</exception>
    public static SpikingOption? Parse(string? text)
    {
        if (text is null)
            return null;
        SpikingOption option = new(new SpikingConfig(), Rate: null);
        foreach (string part in text.Split(','))
        {
            string[] pair = part.Split('=');
            option = (pair.Length == 2 ? pair[0].Trim() : "") switch
            {
                Levels when int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int levels) =>
                    option with { Config = option.Config with { Levels = levels } },
                Threshold when float.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out float threshold) =>
                    option with { Config = option.Config with { Threshold = threshold } },
                SpikeRate when double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate is > 0 and < 1 =>
                    option with { Rate = rate },
                _ => throw new ArgumentException(
                    $"--spiking: '{part}' is neither {Levels}=N, nor {Threshold}=V, nor {SpikeRate}=R with R above 0 and below 1."),
            };
        }

        option.Config.Validate();
        return option;
    }

    /// <summary>The decoder with thresholds for the rate, if one was asked for.</summary>
    public LanguageDecoder Calibrate(LanguageDecoder decoder, ReadOnlyMemory<int> sample) =>
        Rate is { } rate && decoder is Mamba2Decoder mamba2 ? mamba2.WithSpikeRate(rate, sample) : decoder;
}
