using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// What a training run minimises, and the data it does so on. Before each step a trainer calls
/// <see cref="BeginStep"/>, and for each micro-batch <see cref="Next"/>, then
/// <see cref="Loss"/>, then <see cref="Report"/>.
/// </summary>
public abstract class Objective : ITrainingState
{
    /// <summary>The parameters that training changes.</summary>
    public abstract ParameterStore Parameters { get; }

    /// <summary>Tokens that the model learns from in a micro-batch.</summary>
    public abstract int TokensPerBatch { get; }

    /// <summary>What is counted as tokens, for people.</summary>
    public virtual string Unit => "tokens";

    /// <summary>A step begins: what changes in the course of a training is set here, and nothing is kept.</summary>
    /// <param name="step">Steps done before it.</param>
    /// <param name="steps">Steps of the whole training.</param>
    public virtual void BeginStep(long step, long steps)
    {
    }

    /// <summary>
    /// Draws the next micro-batch and does all work on it that needs no gradient, such as a teacher's forward pass. Runs in the
    /// workspace of the micro-batch and before its tape opens.
    /// </summary>
    public abstract void Next();

    /// <summary>The mean loss of that micro-batch, one number, recorded on the open tape.</summary>
    public abstract Tensor Loss();

    /// <summary>Adds further numbers of the micro-batch just done; of several in a step the mean is shown.</summary>
    /// <param name="metrics">Takes them.</param>
    public virtual void Report(Metrics metrics)
    {
    }

    /// <summary>The position in the data and whatever else decides what comes next.</summary>
    /// <param name="state">Saves or restores.</param>
    public abstract void Visit(IStateVisitor state);
}
