using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>placeholder until the optimisers' branch is merged</summary>
public sealed class WeightAverage : ITrainingState
{
    /// <summary>Adds the weights of a step.</summary>
    public void Update()
    {
    }

    /// <summary>Puts the averages in the place of the weights until it is disposed.</summary>
    public IDisposable Swap() => new MemoryStream();

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
    }
}
