using SpikeEngine.Training.Data;

namespace SpikeEngine.Training;

/// <summary>What a training run minimises.</summary>
public abstract class Objective
{
    /// <summary>The parameters that training changes.</summary>
    public abstract ParameterStore Parameters { get; }

    /// <summary>Work on the batch that needs no gradient, such as the teacher's forward pass. Runs before the tape opens.</summary>
    public virtual void Prepare(TokenBatch batch)
    {
    }

    /// <summary>The loss, one number, recorded on the open tape.</summary>
    public abstract Tensor Loss(TokenBatch batch);
}
