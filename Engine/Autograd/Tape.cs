using System.Runtime.CompilerServices;

namespace SpikeEngine;

/// <summary>
/// An operation again, naively and in double: from the values of its inputs, in the order of the list given to
/// <see cref="Tape.Record"/>, to those of its result. <see cref="GradientCheck"/> differentiates it by differences.
/// </summary>
/// <param name="saved">What the backward pass keeps.</param>
/// <param name="inputs">Values of the inputs; not to be changed.</param>
public delegate double[] DoubleForm<in TSaved>(TSaved saved, double[][] inputs);

/// <summary>
/// The operations of one forward pass in the order they ran; backward is the reverse loop. One tape per thread. With
/// none open, operations record nothing and keep nothing: that is inference.
/// </summary>
public sealed class Tape : IDisposable
{
    private const string NotHere = "another tape, which is closed or on another thread, and gradients cannot flow there.";

    [ThreadStatic]
    private static Tape? t_current;

    [ThreadStatic]
    private static Stack<List<TapeNode>>? t_spareLists;

    private readonly List<TapeNode> _nodes = t_spareLists is { Count: > 0 } spare ? spare.Pop() : [];
    private readonly Tape? _outer = t_current;
    private readonly Workspace.Scope? _workspace;
    private readonly bool _keepsDoubleForms;
    private readonly bool _isSecondRun;
    private bool _done;
    private bool _closed;

    private Tape(Workspace? workspace = null, bool keepsDoubleForms = false, bool isSecondRun = false)
    {
        _workspace = workspace?.Open();
        _keepsDoubleForms = keepsDoubleForms;
        _isSecondRun = isSecondRun;
    }

    /// <summary>Whether a tape is open on this thread.</summary>
    public static bool IsRecording => t_current is not null;

    /// <summary>The tape that is open on this thread, or null.</summary>
    public static Tape? Current => t_current;

    /// <summary>Whether a checkpointed stretch of the forward pass is being run again.</summary>
    public static bool IsSecondRun => t_current is { _isSecondRun: true };

    /// <summary>What was recorded, in order.</summary>
    internal IReadOnlyList<TapeNode> Nodes => _nodes;

    /// <summary>Whether nodes keep their inputs and double forms, as a gradient check wants.</summary>
    internal bool KeepsDoubleForms => _keepsDoubleForms;

    /// <summary>Opens a tape on this thread until it is disposed.</summary>
    /// <param name="workspace">
    /// Where the tensors of this step live: it is opened with the tape, and taken back with it. Without one they are ordinary
    /// garbage-collected objects, which is simpler, and in a loop of many steps slower.
    /// </param>
    /// <exception cref="InvalidOperationException">A tape is open already, or the workspace is.</exception>
    public static Tape Begin(Workspace? workspace = null)
    {
        ThrowIfRecording();
        return t_current = new Tape(workspace);
    }

    /// <summary>A tape for a gradient check: its nodes keep their inputs and double forms.</summary>
    internal static Tape BeginWithDoubleForms()
    {
        ThrowIfRecording();
        return t_current = new Tape(keepsDoubleForms: true);
    }

    /// <summary>A tape on top of the open one, for a stretch of the forward pass that is run again during the backward pass.</summary>
    /// <param name="isSecondRun">Whether it is run again now; what a step does once, such as counting, was done in the first run.</param>
    internal static Tape BeginInner(bool isSecondRun) => t_current = new Tape(isSecondRun: isSecondRun);

    /// <summary>
    /// Notes how the gradient of <paramref name="y"/> flows to <paramref name="inputs"/>. Every operation ends here; without an
    /// open tape, or when no input needs a gradient, nothing is kept.
    /// </summary>
    /// <param name="y">The result.</param>
    /// <param name="inputs">Everything the result depends on.</param>
    /// <param name="saved">What the backward pass needs.</param>
    /// <param name="backward">Adds to the gradients of the inputs; a static lambda, so that nothing is captured unseen.</param>
    /// <param name="inDouble">The operation in double, for <see cref="GradientCheck"/>.</param>
    /// <param name="surrogate">
    /// For an operation whose gradient is declared rather than derived, as of a spiking neuron: the function, in double, whose
    /// derivative the declared gradient is, with the operation's own value at the point that was recorded.
    /// </param>
    /// <param name="op">Name of the operation in messages and profiles; the method that calls.</param>
    /// <exception cref="InvalidOperationException">An input is the result of a tape that is closed: its gradient could not flow on.</exception>
    public static Tensor Record<TSaved>(
        Tensor y,
        ReadOnlySpan<Tensor> inputs,
        TSaved saved,
        Action<TSaved, Tensor> backward,
        DoubleForm<TSaved>? inDouble = null,
        DoubleForm<TSaved>? surrogate = null,
        [CallerMemberName] string op = "")
    {
        ArgumentNullException.ThrowIfNull(y);
        NonFiniteGuard.CheckValue(y, inputs, op);
        Profiler.CountBytes(y, inputs);
        if (t_current is not { } tape)
            return y;

        bool needed = y.NeedsGrad;
        foreach (Tensor input in inputs)
        {
            needed |= input.NeedsGrad;
            if (input.NeedsGrad && input.RecordedOn is { } other && !tape.Reaches(other))
                throw new InvalidOperationException($"{op} was given a tensor {input.Shape} of {NotHere} Persist() it to hand its values on.");
        }

        if (needed)
        {
            y.NeedsGrad = true;
            y.RecordedOn = tape;
            TapeNode<TSaved> node = TapeNode<TSaved>.Rent(y, saved, backward, op);
            if (tape._keepsDoubleForms)
                node.Keep(inputs, inDouble, surrogate);
            else if (NonFiniteGuard.IsOn)
                node.Keep(inputs, null, null);
            node.Cost = Profiler.CurrentCost;
            tape._nodes.Add(node);
        }

        return y;
    }

    /// <summary>Fills the gradient of everything that <paramref name="loss"/> depends on, starting from d loss / d loss = 1.</summary>
    /// <exception cref="InvalidOperationException">
    /// The loss is not a scalar, does not depend on anything, or was recorded on another tape; or this tape ran before.
    /// </exception>
    public void Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.Count != 1)
            throw new InvalidOperationException($"Backward starts from one number; the loss is {loss.Shape}.");
        if (!loss.NeedsGrad)
            throw new InvalidOperationException("The loss depends on nothing that needs a gradient.");
        ThrowIfDone();
        if (loss.RecordedOn is { } other && other != this)
            throw new InvalidOperationException($"The loss is of {NotHere} Record the forward pass again.");
        loss.Grad[0] += 1f;
        Replay();
    }

    /// <summary>Runs backward from gradients that the caller has put into the results.</summary>
    /// <exception cref="InvalidOperationException">This tape ran before.</exception>
    public void Replay()
    {
        ThrowIfDone();
        _done = true;
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            // A result that nothing used has no gradient to pass on.
            TapeNode node = _nodes[i];
            if (!node.Y.HasGrad)
                continue;
            using (Profiler.TimeBackward(node))
                node.Backward();
            NonFiniteGuard.CheckGradients(node);
            if (!node.Y.IsPassedOnLater)
                node.Y.GiveGradBack();
        }
    }

    /// <summary>Closes the tape.</summary>
    public void Dispose()
    {
        // The list of nodes is the next tape's from here on.
        if (_closed)
            return;
        _closed = true;
        if (t_current == this)
            t_current = _outer;
        foreach (TapeNode node in _nodes)
            node.Return();
        _nodes.Clear();
        _done = true;
        (t_spareLists ??= []).Push(_nodes);
        _workspace?.Dispose();
    }

    /// <summary>Whether gradients flow from this tape to results of another: itself, or one that is open below it.</summary>
    private bool Reaches(Tape other)
    {
        Tape? tape = this;
        while (tape is not null && tape != other)
            tape = tape._outer;
        return tape is not null;
    }

    private static void ThrowIfRecording()
    {
        if (t_current is not null)
            throw new InvalidOperationException("A tape is open on this thread already; dispose it first.");
    }

    private void ThrowIfDone()
    {
        if (_done)
            throw new InvalidOperationException("Backward ran on this tape already, or it is closed; record the forward pass again.");
    }
}
