namespace SpikeEngine.Training.Vision;

/// <summary>What decides the result of a study of SNN2ANN, beside its budget.</summary>
public sealed record ImageStudyOptions
{
    /// <summary>Preset that the settings of all rows come from.</summary>
    public required string Preset { get; init; }

    /// <summary>Files to learn from, or <see cref="ImageSources.Shapes"/>.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>Files to be measured on; without any, a share of the others is held out.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>Settings of all rows beyond the preset, as <c>--set</c> takes them.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Seeds of every row.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>The first of them.</summary>
    public ulong Seed { get; init; } = 1;
}
