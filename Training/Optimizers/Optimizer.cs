using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>Changes parameters along their gradients.</summary>
public abstract class Optimizer : ITrainingState
{
    /// <summary>Steps taken; a step of the run that was skipped is none.</summary>
    public abstract long StepCount { get; set; }

    /// <summary>One update of every trainable parameter from its gradient, which stays as it is.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    public abstract void Step(float learningRate);

    /// <summary>Moments and the number of steps.</summary>
    /// <param name="state">Saves or restores.</param>
    public abstract void Visit(IStateVisitor state);
}
