namespace SpikeEngine.Training.Checkpoints;

/// <summary>What a run must keep to be continued to the bit: moments, positions in the data, random state.</summary>
public interface ITrainingState
{
    /// <summary>
    /// Names everything there is to keep, in a fixed order. A visitor that saves reads it, one that restores writes it: one
    /// method for both, so that the two cannot differ.
    /// </summary>
    /// <param name="state">Saves or restores.</param>
    void Visit(IStateVisitor state);
}
