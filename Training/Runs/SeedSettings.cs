using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>seeds</c>: seeds of their own for parts of a run, to vary one thing and keep the others.</summary>
public sealed record SeedSettings
{
    /// <summary>Of the weights of a new model; the run's when null.</summary>
    public ulong? Model { get; init; }

    /// <summary>Of the order of the data; the run's when null.</summary>
    public ulong? Data { get; init; }

    /// <summary>Of the rounding of moments; the run's when null.</summary>
    public ulong? Optimizer { get; init; }

    internal static SeedSettings Pass(ISettings s, SeedSettings d) => new()
    {
        Model = s.SeedOrNone("model", d.Model),
        Data = s.SeedOrNone("data", d.Data),
        Optimizer = s.SeedOrNone("optimizer", d.Optimizer),
    };
}
