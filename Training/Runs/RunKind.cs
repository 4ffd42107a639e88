namespace SpikeEngine.Training.Runs;

/// <summary>What a run does.</summary>
public enum RunKind
{
    /// <summary>Trains a model on text.</summary>
    Train,

    /// <summary>Distils a spiking student from a model.</summary>
    Distill,

    /// <summary>Aligns a model with preferences.</summary>
    Align,
}
