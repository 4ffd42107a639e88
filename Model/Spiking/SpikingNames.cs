namespace SpikeEngine.Model.Spiking;

/// <summary>How files and command lines spell the choices of a <see cref="SpikingConfig"/>.</summary>
public static class SpikingNames
{
    /// <summary>Of neurons.</summary>
    public static IReadOnlyList<(string Name, NeuronKind Value)> Neurons { get; } = [("ti_lif", NeuronKind.TiLif), ("i_lif", NeuronKind.ILif), ("lif", NeuronKind.Lif)];

    /// <summary>Of surrogates.</summary>
    public static IReadOnlyList<(string Name, Surrogate Value)> Surrogates { get; } =
    [
        ("rectangular", Surrogate.Rectangular), ("arctan", Surrogate.Arctan), ("sigmoid", Surrogate.Sigmoid), ("triangular", Surrogate.Triangular),
    ];

    /// <summary>Of resets.</summary>
    public static IReadOnlyList<(string Name, MembraneReset Value)> Resets { get; } = [("soft", MembraneReset.Soft), ("hard", MembraneReset.Hard)];

    /// <summary>Of forms of compensation.</summary>
    public static IReadOnlyList<(string Name, CompensationForm Value)> Compensations { get; } =
    [
        ("value_preserving", CompensationForm.ValuePreserving), ("mix", CompensationForm.Mix), ("shared_branch", CompensationForm.SharedBranch),
        ("own_branch", CompensationForm.OwnBranch), ("zones", CompensationForm.Zones),
    ];

    /// <summary>The name of a value.</summary>
    public static string NameOf<T>(this IReadOnlyList<(string Name, T Value)> names, T value)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.First(n => EqualityComparer<T>.Default.Equals(n.Value, value)).Name;
    }

    /// <summary>The value of a name, or null when there is none.</summary>
    public static T? ValueOf<T>(this IReadOnlyList<(string Name, T Value)> names, string name)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(names);
        int at = names.ToList().FindIndex(n => n.Name == name);
        return at < 0 ? null : names[at].Value;
    }
}
