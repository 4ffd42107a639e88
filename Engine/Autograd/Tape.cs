namespace SpikeEngine;

/// <summary>
/// The operations of one forward pass in the order they ran; backward is the reverse loop. One tape per thread. With
/// none open, operations record nothing and keep nothing: that is inference.
/// </summary>
public sealed class Tape : IDisposable
{
    [ThreadStatic]
    private static Tape? t_current;

    private readonly List<Node> _nodes = [];
    private bool _done;

    private Tape()
    {
    }

    /// <summary>Whether a tape is open on this thread.</summary>
    public static bool IsRecording => t_current is not null;

    /// <summary>Opens a tape on this thread until it is disposed.</summary>
    /// <exception cref="InvalidOperationException">One is open already.</exception>
    public static Tape Begin()
    {
        if (t_current is not null)
            throw new InvalidOperationException("A tape is open on this thread already; dispose it first.");
        return t_current = new Tape();
    }

    /// <summary>
    /// Notes how the gradient of <paramref name="y"/> flows to <paramref name="inputs"/>. Does nothing when no tape is
    /// open or no input needs a gradient.
    /// </summary>
    /// <param name="y">The result.</param>
    /// <param name="inputs">Everything the result depends on.</param>
    /// <param name="saved">What the backward pass needs.</param>
    /// <param name="backward">Adds to the gradients of the inputs; a static lambda, so that nothing is captured unseen.</param>
    public static Tensor Record<TSaved>(Tensor y, ReadOnlySpan<Tensor> inputs, TSaved saved, Action<TSaved, Tensor> backward)
    {
        ArgumentNullException.ThrowIfNull(y);
        if (t_current is not { } tape)
            return y;

        bool needed = false;
        foreach (Tensor input in inputs)
            needed |= input.NeedsGrad;

        if (needed)
        {
            y.NeedsGrad = true;
            tape._nodes.Add(new Node<TSaved>(y, saved, backward));
        }

        return y;
    }

    /// <summary>Fills the gradient of everything that <paramref name="loss"/> depends on, starting from d loss / d loss = 1.</summary>
    /// <exception cref="InvalidOperationException">The loss is not a scalar, does not depend on anything, or this tape ran before.</exception>
    public void Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.Count != 1)
            throw new InvalidOperationException($"Backward starts from one number; the loss is {loss.Shape}.");
        if (!loss.NeedsGrad)
            throw new InvalidOperationException("The loss depends on nothing that needs a gradient.");
        loss.Grad[0] += 1f;
        Replay();
    }

    /// <summary>Runs backward from gradients that the caller has put into the results.</summary>
    /// <exception cref="InvalidOperationException">This tape ran before.</exception>
    public void Replay()
    {
        if (_done)
            throw new InvalidOperationException("Backward ran on this tape already; record the forward pass again.");
        _done = true;
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            // A result that nothing used has no gradient to pass on.
            if (_nodes[i].HasGrad)
                _nodes[i].Backward();
        }
    }

    /// <summary>Closes the tape.</summary>
    public void Dispose()
    {
        if (t_current == this)
            t_current = null;
    }

    private abstract class Node
    {
        public abstract bool HasGrad { get; }

        public abstract void Backward();
    }

    private sealed class Node<TSaved>(Tensor y, TSaved saved, Action<TSaved, Tensor> backward) : Node
    {
        public override bool HasGrad => y.HasGrad;

        public override void Backward() => backward(saved, y);
    }
}
