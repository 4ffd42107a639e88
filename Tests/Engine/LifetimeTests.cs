namespace SpikeEngine.Tests.Engine;

/// <summary>What is over is refused: tensors of a step that ended, tapes that ran.</summary>
public class LifetimeTests
{
    [Fact]
    public void ATensorOfAClosedWorkspaceIsRefused()
    {
        (Tensor x, Tensor view, Tensor y) = Step();

        foreach (Action use in new Action[]
        {
            () => _ = x.Values, () => _ = x.Grad, () => _ = x.ValueMemory, () => _ = view.Values, () => _ = view.Grad,
            () => _ = x.Reshape(6).Values, () => _ = y.Item(), () => Ops.Silu(x), () => Ops.Linear(x, x), () => Ops.Linear(Heap(), view),
        })
            Assert.Contains("workspace has been closed", Assert.Throws<InvalidOperationException>(use).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", Assert.Throws<InvalidOperationException>(() => _ = x.Values).Message, StringComparison.Ordinal);

        static Tensor Heap() => new(2, 3);
    }

    [Fact]
    public void ATensorOfAnEarlierStepIsRefusedWhileTheNextIsOpen()
    {
        Workspace workspace = new();
        Tensor old;
        using (workspace.Open())
            old = new Tensor(2, 3);
        using (workspace.Open())
            Assert.Throws<InvalidOperationException>(() => Ops.Add(old, new Tensor(2, 3)));
    }

    [Fact]
    public void BackwardCannotReachIntoAClosedWorkspace()
    {
        using Tape tape = Tape.Begin();
        Tensor loss;
        using (new Workspace().Open())
            loss = Ops.Linear(Wanting(1, 3), Wanting(1, 3));
        Assert.Throws<InvalidOperationException>(() => tape.Backward(loss));
    }

    [Fact]
    public void TensorsOutsideAWorkspaceStay()
    {
        Tensor x = Wanting(2, 3);
        using (new Workspace().Open())
            x.Grad.Fill(2f);
        Assert.Equal(2f, x.Grad[5]);
    }

    [Fact]
    public void ATapeRunsBackwardOnce()
    {
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.Linear(Wanting(1, 3), Wanting(1, 3));
        tape.Backward(loss);

        Assert.Contains("record the forward pass again", Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(tape.Replay);
    }

    [Fact]
    public void AClosedTapeDoesNotRunBackward()
    {
        Tensor loss;
        Tape tape;
        using (tape = Tape.Begin())
            loss = Ops.Linear(Wanting(1, 3), Wanting(1, 3));

        Assert.Contains("closed", Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(tape.Replay);
    }

    [Fact]
    public void ALossOfAnEarlierTapeIsRefusedByTheNext()
    {
        Tensor x = Wanting(1, 3), loss;
        using (Tape.Begin())
            loss = Ops.Linear(x, Wanting(1, 3));
        using Tape tape = Tape.Begin();

        foreach (Tensor late in new[] { loss, loss.Reshape() })
            Assert.Contains("another tape", Assert.Throws<InvalidOperationException>(() => tape.Backward(late)).Message, StringComparison.Ordinal);
        Assert.False(x.HasGrad);
    }

    [Fact]
    public void AStateOfAnEarlierTapeMustBeDetached()
    {
        Tensor weight = Wanting(3, 3), state;
        using (Tape.Begin())
            state = Ops.Linear(Wanting(1, 3), weight);
        using Tape tape = Tape.Begin();

        foreach (Tensor late in new[] { state, state.SliceRows(0, 1) })
        {
            string message = Assert.Throws<InvalidOperationException>(() => Ops.Linear(late, weight)).Message;
            Assert.StartsWith("Linear was given a tensor [1, 3] of another tape", message, StringComparison.Ordinal);
            Assert.Contains("Persist()", message, StringComparison.Ordinal);
        }

        tape.Backward(Ops.Sum(Ops.Linear(state.Persist(), weight)));
        Assert.All(weight.Grad.ToArray(), g => Assert.Equal(3f, g));
    }

    [Fact]
    public void AStateOfAnEarlierTapeIsAValueLikeAnyOtherWithoutATape()
    {
        Tensor state;
        using (Tape.Begin())
            state = Ops.Silu(Wanting(1, 3));
        Assert.Equal(3 * state.Values[0], Ops.Linear(state, Tensor.Ones(1, 3)).Item(), 1e-6);
    }

    /// <summary>The state of a recurrence, and of the scan, from one piece of a long text to the next.</summary>
    [Fact]
    public void APersistentStateGoesFromStepToStep()
    {
        Workspace workspace = new();
        Tensor weight = Wanting(3, 3), state = Tensor.Ones(1, 3);
        for (int step = 0; step < 3; step++)
        {
            using Tape tape = Tape.Begin(workspace);
            Tensor next = Ops.Linear(state, weight);
            tape.Backward(Ops.Sum(next));
            state = next.Persist();
        }

        Assert.Equal([27f, 27f, 27f], state.ToArray());
        Assert.Equal(1f + 3f + 9f, weight.Grad[0]);
        Assert.False(state.NeedsGrad);
    }

    [Fact]
    public void AWorkspaceMayBeClosedTwiceButNotUnderAnother()
    {
        Workspace outer = new(), inner = new();
        Workspace.Scope first = outer.Open(), second = inner.Open();
        Assert.Throws<InvalidOperationException>(first.Dispose);
        second.Dispose();
        first.Dispose();
        first.Dispose();
        default(Workspace.Scope).Dispose();
        Assert.Null(Workspace.Current);

        using Workspace.Scope third = outer.Open();
        first.Dispose();
        Assert.Same(outer, Workspace.Current);
    }

    [Fact]
    public void ATapeTakesItsWorkspaceWithIt()
    {
        Workspace workspace = new();
        Tensor x = Wanting(1, 3), y;
        using (Tape tape = Tape.Begin(workspace))
        {
            Assert.Same(workspace, Workspace.Current);
            y = Ops.Silu(x);
            tape.Backward(Ops.Sum(y));
        }

        Assert.Null(Workspace.Current);
        Assert.Throws<InvalidOperationException>(() => _ = y.Values);
        Assert.NotEqual(0f, x.Grad[0]);

        using Workspace.Scope scope = workspace.Open();
        Assert.Throws<InvalidOperationException>(() => Tape.Begin(workspace));
        Assert.False(Tape.IsRecording);
    }

    [Fact]
    public void ClosingATapeAgainLeavesTheNextOneAlone()
    {
        Tape old = Tape.Begin();
        old.Dispose();
        using Tape tape = Tape.Begin();
        Tensor x = Wanting(1, 3), loss = Ops.Linear(x, Wanting(1, 3));

        old.Dispose();
        tape.Backward(loss);

        Assert.True(x.HasGrad);
    }

    [Fact]
    public void BackwardStartsFromOneNumberThatDependsOnSomething()
    {
        using Tape tape = Tape.Begin();
        Assert.Contains(
            "[2, 3]", Assert.Throws<InvalidOperationException>(() => tape.Backward(Ops.Silu(Wanting(2, 3)))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => tape.Backward(Ops.Silu(new Tensor(1))));
    }

    /// <summary>A tensor, a view of it and a number, all of a step that is over.</summary>
    private static (Tensor X, Tensor View, Tensor Y) Step()
    {
        using Workspace.Scope scope = new Workspace().Open();
        Tensor x = Wanting(2, 3);
        return (x, x.SliceRows(1, 1), Tensor.From([1f], 1));
    }

    /// <summary>A tensor of ones that wants a gradient.</summary>
    private static Tensor Wanting(params ReadOnlySpan<int> dims)
    {
        Tensor x = new(dims) { NeedsGrad = true };
        x.Values.Fill(1f);
        return x;
    }
}
