namespace SpikeEngine.Training;

/// <summary>Parameters that an optimiser treats in a way of their own. Of the groups that match, the first counts.</summary>
public sealed record ParameterGroup
{
    /// <summary>Which, by their paths: <c>*</c> stands for any letters, <c>?</c> for one, as in <c>*.A_log</c>.</summary>
    public required string Pattern { get; init; }

    /// <summary>Factor of the learning rate; 1 when null.</summary>
    public float? LearningRateFactor { get; init; }

    /// <summary>Weight decay, whether or not the parameter <see cref="Parameter.Decays"/>; as without a group when null.</summary>
    public float? WeightDecay { get; init; }

    /// <summary>Whether they stay as they are and get no gradient.</summary>
    public bool Frozen { get; init; }
}
