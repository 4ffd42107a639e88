using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Vision;

/// <summary>The section <c>method</c>: how a network for images is trained.</summary>
public sealed record MethodSettings
{
    private static readonly (string Name, MappingUnit Value)[] s_units = [("stsu", MappingUnit.Stsu), ("resu", MappingUnit.Resu)];

    private static readonly (string Name, Surrogate Value)[] s_surrogates =
        [("arctan", Surrogate.Arctan), ("rectangular", Surrogate.Rectangular), ("sigmoid", Surrogate.Sigmoid), ("triangular", Surrogate.Triangular)];

    /// <summary>The way.</summary>
    public ImageMethod Name { get; init; } = ImageMethod.Snn2Ann;

    /// <summary>Of SNN2ANN.</summary>
    public MappingUnit Unit { get; init; } = MappingUnit.Resu;

    /// <summary>Of back-propagation through time.</summary>
    public Surrogate Surrogate { get; init; } = Surrogate.Arctan;

    internal static MethodSettings Pass(ISettings s, MethodSettings d) => new()
    {
        Name = Word(s, "name", ImageMethods.All, d.Name),
        Unit = Word(s, "unit", s_units, d.Unit),
        Surrogate = Word(s, "surrogate", s_surrogates, d.Surrogate),
    };

    private static T Word<T>(ISettings s, string name, IReadOnlyList<(string Name, T Value)> words, T value)
        where T : struct => words.ValueOf(s.Choice(name, words.NameOf(value), [.. words.Select(word => word.Name)]))!.Value;
}
