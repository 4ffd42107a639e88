using SpikeEngine.Model;

namespace SpikeEngine.Training;

/// <summary>
/// The memory that a training step cannot do without, in bytes of single precision: what the equations need once more in the backward pass, with
/// nothing kept twice and nothing computed again but where blocks are checkpointed.
/// </summary>
/// <param name="Weights">Values of all parameters.</param>
/// <param name="Gradients">Gradients of the trainable ones.</param>
/// <param name="Moments">Two moments for each trainable number.</param>
/// <param name="Activations">Results of the forward pass that the backward pass reads.</param>
public sealed record TrainingMemory(long Weights, long Gradients, long Moments, long Activations)
{
    /// <summary>All of it.</summary>
    public long Total => Weights + Gradients + Moments + Activations;

    /// <summary>Of a model and its batches.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Sequences in a batch.</param>
    /// <param name="length">Tokens in a sequence.</param>
    public static TrainingMemory Of(Mamba2LanguageModel model, int batch, int length)
    {
        ArgumentNullException.ThrowIfNull(model);
        Mamba2Config c = model.Config;
        long trainable = model.Parameters().Where(parameter => parameter.Trainable).Sum(parameter => (long)parameter.Count);
        long tokens = (long)batch * length, chunks = (length + c.ChunkSize - 1) / c.ChunkSize;

        // u after the norm; z, xBC and dt; xBC after the convolution; dt after softplus; y of the scan; y after gate and norm; two rows' factors.
        long row = c.DModel + c.InProjRows + c.ConvChannels + c.HeadCount + 2L * c.DInner + 2;
        if (c.Spiking is not null)
            row += c.DModel + c.DInner;   // the spikes of both neurons beside what they were made from
        long block = tokens * row + batch * chunks * c.HeadCount * c.DState * c.HeadDim;   // and the state at the start of each chunk
        long between = tokens * c.DModel;   // the residual stream in front of each block, and after the last
        long blocks = (model.CheckpointBlocks ? block : c.LayerCount * block) + (c.LayerCount + 1) * between;
        long head = between;   // after the last norm; logits are made and used up some rows at a time
        return new TrainingMemory(
            sizeof(float) * model.Store.Count, sizeof(float) * trainable, 2 * sizeof(float) * trainable, sizeof(float) * (blocks + head));
    }
}
