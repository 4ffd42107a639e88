using System.Globalization;
using System.IO.Enumeration;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>What holds for each parameter, by the first group whose pattern matches its path.</summary>
internal sealed class ParameterGroups
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly float _weightDecay;

    /// <summary>Checks the groups and freezes what they say is frozen.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="groups">The groups, in the order in which they are asked.</param>
    /// <param name="weightDecay">Of parameters that decay, where no group says otherwise.</param>
    /// <exception cref="ArgumentException">A pattern matches nothing, or nothing that is left, or a number is out of its range.</exception>
    public ParameterGroups(ParameterStore parameters, IReadOnlyList<ParameterGroup> groups, float weightDecay)
    {
        (_groups, _weightDecay) = (groups, weightDecay);
        foreach (ParameterGroup group in groups)
        {
            Require(group, nameof(group.LearningRateFactor), group.LearningRateFactor);
            Require(group, nameof(group.WeightDecay), group.WeightDecay);
            if (!parameters.Parameters.Any(parameter => Matches(group, parameter)))
                throw NoneMatches(group, parameters);
            if (!parameters.Parameters.Any(parameter => ReferenceEquals(Of(parameter), group)))
                throw new ArgumentException($"Whatever the pattern '{group.Pattern}' matches belongs to groups before it, so it does nothing; put it in front.");
        }

        foreach (Parameter parameter in parameters.Parameters)
        {
            if (Of(parameter) is { Frozen: true })
                parameter.Trainable = false;
        }
    }

    /// <summary>Factor of the learning rate, and weight decay.</summary>
    public (float LearningRateFactor, float WeightDecay) For(Parameter parameter)
    {
        ParameterGroup? group = Of(parameter);
        return (group?.LearningRateFactor ?? 1f, group?.WeightDecay ?? (parameter.Decays ? _weightDecay : 0f));
    }

    private ParameterGroup? Of(Parameter parameter) => _groups.FirstOrDefault(group => Matches(group, parameter));

    private static bool Matches(ParameterGroup group, Parameter parameter) =>
        FileSystemName.MatchesSimpleExpression(group.Pattern, parameter.Path, ignoreCase: false);

    private static void Require(ParameterGroup group, string name, float? value)
    {
        if (value is { } number && !(number >= 0 && float.IsFinite(number)))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} of the group '{group.Pattern}' is {number}; it must be 0 or positive."));
    }

    private static ArgumentException NoneMatches(ParameterGroup group, ParameterStore parameters)
    {
        IEnumerable<string> near = SimilarNames.Of(group.Pattern, parameters.Parameters.Select(p => p.Path));
        return new ArgumentException($"No parameter matches the pattern '{group.Pattern}'; the nearest are {string.Join(", ", near)}.");
    }
}
