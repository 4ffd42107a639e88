namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = block(x) without keeping what happens inside: the block is run again in the backward pass (Chen et al. 2016). That
    /// costs one more forward pass and saves the block's memory. Gradients have the same bits as without.
    /// </summary>
    /// <param name="block">
    /// Does the same in both runs. Tensors of this step that it uses beside x must need no gradient; parameters are welcome.
    /// </param>
    /// <param name="x">Its input.</param>
    /// <param name="random">What the block draws random numbers from, as for dropout: the second run starts where the first did.</param>
    /// <returns>What the block returns.</returns>
    public static Tensor Checkpoint(Func<Tensor, Tensor> block, Tensor x, SeededRandom? random = null)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(x);

        // A gradient check differentiates what is inside.
        if (Tape.Current is not { KeepsDoubleForms: false })
            return block(x);

        ulong position = random?.Position ?? 0;
        Memory<float> result;
        Shape shape;
        bool needsGrad;
        using (Workspace.OpenRegion())
        using (Tape.BeginInner())
        {
            Tensor inside = block(x);
            (result, shape, needsGrad) = (inside.ValueMemory, inside.Shape, inside.NeedsGrad);
        }

        // The region has been given back, but nothing has been written there yet; the copy may overlap.
        Tensor y = new(shape) { NeedsGrad = needsGrad };
        result.CopyTo(y.ValueMemory);
        return Tape.Record(y, [x], (block, x, random, position), static (saved, y) =>
        {
            ulong now = saved.random?.Position ?? 0;
            Restart(saved.random, saved.position);

            // Gradients that outlive the second run must not be made inside it.
            saved.x.Root.Root.ReserveGrad();
            using Workspace.InnerRegion region = Workspace.OpenRegion();
            using Tape tape = Tape.BeginInner();
            Tensor inside = saved.block(saved.x);
            if (inside.ClaimGrad())
                AddToGrad(inside, y.GradMemory);
            else
                y.Grad.CopyTo(inside.Grad);
            tape.Replay();
            Restart(saved.random, now);
        });

        static void Restart(SeededRandom? random, ulong position)
        {
            if (random is not null)
                random.Position = position;
        }
    }
}
