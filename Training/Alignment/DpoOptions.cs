namespace SpikeEngine.Training.Alignment;

/// <summary>Direct preference optimisation: how far from the reference, and how sure of the labels.</summary>
public sealed record DpoOptions
{
    /// <summary>How dear it is to leave the reference: rewards are beta times a difference of log-probabilities.</summary>
    public float Beta { get; init; } = 0.1f;

    /// <summary>Share of the pairs that is taken to be labelled the wrong way round (conservative DPO).</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        AlignmentRange.RequirePositive(Beta, nameof(Beta));
        if (LabelSmoothing is not (>= 0f and < 0.5f))
            throw AlignmentRange.Error(nameof(LabelSmoothing), LabelSmoothing, "in [0, 0.5)");
    }
}
