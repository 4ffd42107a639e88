using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>The question that a row answers together with others.</summary>
public enum StudyGroup
{
    /// <summary>The dense model itself.</summary>
    Teacher,

    /// <summary>TI-LIF, I-LIF and LIF.</summary>
    Neurons,

    /// <summary>Smoothed gradient compensation (SGC): off, and its forms.</summary>
    Compensation,

    /// <summary>The same where spikes are ternary, D = 1.</summary>
    TernaryCompensation,

    /// <summary>With and without the loss on hidden states.</summary>
    Hidden,

    /// <summary>D, the largest spike.</summary>
    Levels,

    /// <summary>Accuracy against the share of inputs that spike.</summary>
    Activity,

    /// <summary>DPO and KTO after the best student.</summary>
    Alignment,

    /// <summary>The largest channel of a projection's input overwritten.</summary>
    Polarization,

    /// <summary>BiSpikCLM: students that are trained for long.</summary>
    Students,

    /// <summary>BiSpikCLM: steps, blocks, and terms of SpAD removed one at a time, trained shortly.</summary>
    Ablations,
}

/// <summary>What is measured of a row beyond its perplexity, spikes and energy.</summary>
[Flags]
public enum RowMeasures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The tasks whose mean decides.</summary>
    Tasks = 1,

    /// <summary>The six tasks of the paper as well.</summary>
    PaperTasks = 2,

    /// <summary>Decoding speed against the dense int8 model with the same spikes.</summary>
    Decoding = 4,
}

/// <summary>Overwrites the largest channel of each token in front of a projection (SpikingMamba, polarisation).</summary>
/// <param name="Site">u is the input of in_proj, y that of out_proj.</param>
/// <param name="Value">0 or 1 in the paper.</param>
public sealed record PolarizationSetting(SpikeSite Site, float Value);

/// <summary>One model of a study: how it comes about, and what is measured.</summary>
public sealed record StudyRow
{
    /// <summary>Name of its folder and of its result.</summary>
    public required string Name { get; init; }

    /// <summary>What it is compared for.</summary>
    public required StudyGroup Group { get; init; }

    /// <summary>What stands in tables.</summary>
    public required string Label { get; init; }

    /// <summary>How it is trained; null when it is another row's model as it is.</summary>
    public RunKind? Kind { get; init; }

    /// <summary>The row whose model it starts from, or whose model it is, or <see cref="StudyRows.Best"/>; null for none.</summary>
    public string? From { get; init; }

    /// <summary>Seed of its run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Steps as a multiple of those of the shortest rows.</summary>
    public double Length { get; init; } = 1;

    /// <summary>Time of a step as a multiple of that of the other rows.</summary>
    public double Cost { get; init; } = 1;

    /// <summary>What differs from the preset, as <c>--set</c> takes it.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>What is measured.</summary>
    public RowMeasures Measures { get; init; }

    /// <summary>For the polarisation study.</summary>
    public PolarizationSetting? Polarization { get; init; }
}
