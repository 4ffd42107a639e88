namespace SpikeEngine.Training;

/// <summary>
/// One optimiser step: g = mean over micro-batches of their gradients, clipped to a global norm, then the update. A step
/// whose loss or gradient is not finite changes nothing, and has used up its data.
/// </summary>
/// <param name="objective">What to minimise, and its data.</param>
/// <param name="optimizer">Changes the objective's parameters.</param>
/// <param name="average">Averages them, when given.</param>
/// <param name="microBatches">Batches whose gradients are averaged.</param>
/// <param name="clipNorm">Largest norm of the whole gradient.</param>
public sealed class TrainingStep(Objective objective, Optimizer optimizer, WeightAverage? average, int microBatches, float clipNorm)
{
    private readonly Workspace _workspace = new();

    /// <summary>Bytes that steps have needed at once for values, gradients of results and scratch; the next step uses them again.</summary>
    public long WorkspaceBytes => _workspace.PeakBytes;

    /// <summary>What the objective has reported of the step.</summary>
    public Metrics Metrics { get; } = new();

    /// <summary>Runs it.</summary>
    /// <param name="learningRate">Rate of the step.</param>
    /// <returns>The mean loss, the norm before clipping, and whether both were finite and so the parameters have changed.</returns>
    public (double Loss, double Norm, bool Counts) Run(float learningRate)
    {
        objective.Parameters.ZeroGrad();
        Metrics.Clear();
        double loss = 0;
        for (int i = 0; i < microBatches; i++)
            loss += MicroBatch() / microBatches;

        // One bad micro-batch is enough: what is not finite stays so in every sum.
        double norm = GradientClipping.Clip(objective.Parameters, clipNorm);
        bool counts = double.IsFinite(loss) && double.IsFinite(norm);
        if (counts)
        {
            optimizer.Step(learningRate);
            average?.Update();
        }

        return (loss, norm, counts);
    }

    /// <summary>Adds its share to the gradients. Its memory is the next one's.</summary>
    private double MicroBatch()
    {
        using Workspace.Scope scope = _workspace.Open();
        objective.Next();
        double value;
        using (Tape tape = Tape.Begin())
        {
            Tensor loss = objective.Loss();
            value = loss.Item();
            tape.Backward(microBatches == 1 ? loss : Ops.Scale(loss, 1f / microBatches));
        }

        objective.Report(Metrics);
        return value;
    }
}
