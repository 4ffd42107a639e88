using System.Runtime.InteropServices;

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
    /// <param name="random">
    /// All that the block draws random numbers from, as for dropout: in the second run each starts where it did in the first.
    /// </param>
    /// <returns>What the block returns.</returns>
    /// <exception cref="InvalidOperationException">In the backward pass: the second run gave another result than the first.</exception>
    public static Tensor Checkpoint(Func<Tensor, Tensor> block, Tensor x, params SeededRandom[] random)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(random);

        // A gradient check differentiates what is inside.
        if (Tape.Current is not { KeepsDoubleForms: false })
            return block(x);

        ulong[] positions = Positions(random);
        Memory<float> result;
        Shape shape;
        bool needsGrad;
        using (Workspace.OpenRegion())
        using (Tape.BeginInner(isSecondRun: Tape.IsSecondRun))
        {
            Tensor inside = block(x);
            (result, shape, needsGrad) = (inside.ValueMemory, inside.Shape, inside.NeedsGrad);
        }

        // The region has been given back, but nothing has been written there yet; the copy may overlap.
        Tensor y = new(shape) { NeedsGrad = needsGrad };
        result.CopyTo(y.ValueMemory);
        return Tape.Record(y, [x], (block, x, random, positions), static (saved, y) =>
        {
            ulong[] now = Positions(saved.random);
            Restart(saved.random, saved.positions);

            // Gradients that outlive the second run must not be made inside it.
            saved.x.Root.Root.ReserveGrad();
            using Workspace.InnerRegion region = Workspace.OpenRegion();
            using Tape tape = Tape.BeginInner(isSecondRun: true);
            Tensor inside = saved.block(saved.x);
            if (inside.Shape != y.Shape || !SameBits(inside.Values, y.Values))
            {
                throw new InvalidOperationException(
                    $"A checkpointed block gave another result {inside.Shape} in its second run than {y.Shape} in its first: it must do the "
                    + "same both times, and whatever it draws random numbers from must be passed to Checkpoint.");
            }

            if (inside.ClaimGrad())
                AddToGrad(inside, y.GradMemory);
            else
                y.Grad.CopyTo(inside.Grad);
            tape.Replay();
            Restart(saved.random, now);
        });

        static ulong[] Positions(SeededRandom[] random) => [.. random.Select(stream => stream.Position)];

        static void Restart(SeededRandom[] random, ulong[] positions)
        {
            for (int i = 0; i < random.Length; i++)
                random[i].Position = positions[i];
        }
    }

    // Not-a-number is as good a result as any, as long as it is the same.
    private static bool SameBits(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        MemoryMarshal.AsBytes(a).SequenceEqual(MemoryMarshal.AsBytes(b));
}
