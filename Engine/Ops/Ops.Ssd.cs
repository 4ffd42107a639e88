using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// The selective scan in its chunked form: S_t = exp(dt_t A) S_{t-1} + dt_t B_t ⊗ x_t, y_t = C_t S_t + D x_t
    /// (Mamba-2 paper, section 6). Differentiable in everything, the initial and the final state included.
    /// </summary>
    /// <param name="xbc">[B, T, Inner + 2 G N]: x, B and C side by side, as the convolution leaves them.</param>
    /// <param name="dt">[B, T, H], after softplus.</param>
    /// <param name="a">[H], negative.</param>
    /// <param name="d">[H]</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="initialState">[B, H, N, P], or null for zeros.</param>
    /// <param name="starts">[B, T]: true where a document starts, so that the state which enters is 0; empty for nowhere. Kept, not copied.</param>
    /// <returns>y [B, T, Inner] and the state after the last token [B, H, N, P].</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public static (Tensor Y, Tensor FinalState) Ssd(
        Tensor xbc, Tensor dt, Tensor a, Tensor d, SsdShape shape, Tensor? initialState = null, ReadOnlyMemory<bool> starts = default)
    {
        ArgumentNullException.ThrowIfNull(xbc);
        ArgumentNullException.ThrowIfNull(dt);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(d);
        if (shape is not { Batch: > 0, Length: > 0, Heads: > 0, HeadDim: > 0, Groups: > 0, State: > 0, Chunk: > 0 } || shape.Heads % shape.Groups != 0)
            throw new ArgumentException($"{shape}: sizes must be positive, and Groups must divide Heads.", nameof(shape));
        Expect(xbc, nameof(xbc), shape.Batch, shape.Length, shape.RowLength);
        Expect(dt, nameof(dt), shape.Batch, shape.Length, shape.Heads);
        Expect(a, nameof(a), shape.Heads);
        Expect(d, nameof(d), shape.Heads);
        RequireStarts(starts, shape.Batch, shape.Length);

        Tensor state = new(shape.Batch, shape.Heads, shape.State, shape.HeadDim) { IsPassedOnLater = true };
        if (initialState is null)
            state.Values.Clear();
        else
            Expect(initialState, nameof(initialState), shape.Batch, shape.Heads, shape.State, shape.HeadDim).Values.CopyTo(state);

        ReadOnlySpan<Tensor> inputs = initialState is null ? [xbc, dt, a, d] : [xbc, dt, a, d, initialState];
        Tensor y = SsdScan(xbc, dt, a, d, shape, initialState, state, starts, inputs);

        // One backward serves both results, and it is y's: a gradient of the state alone must wake it.
        Tape.Record(
            state, inputs, (y, shape, starts), static (saved, _) => ZeroUnlessSet(saved.y),
            inDouble: static (saved, v) => SsdInDouble(v, saved.shape, saved.starts).FinalState);
        return (y, state);
    }

    /// <summary>Runs the scan, which moves the state from the initial to the final one, and records y.</summary>
    private static Tensor SsdScan(
        Tensor xbc, Tensor dt, Tensor a, Tensor d, SsdShape shape, Tensor? initialState, Tensor state, ReadOnlyMemory<bool> starts,
        ReadOnlySpan<Tensor> inputs)
    {
        using var timing = Profiler.Time(flops: SsdForward.Flops(shape), op: nameof(Ssd));
        Tensor y = new(shape.Batch, shape.Length, shape.Inner);
        Memory<float> chunkStates = Workspace.Rent(Tape.IsRecording ? shape.Batch * shape.Chunks * shape.Heads * shape.HeadState : 0);
        RowParallel.For(shape.Batch * shape.HeadBlocks, 1, (xbc, dt, a, d, shape, y, state, chunkStates, starts), static (s, task, _) =>
        {
            (int batch, int block) = Math.DivRem(task, s.shape.HeadBlocks);
            Simd.Run(new SsdForward
            {
                Shape = s.shape, HeadBlock = block, A = s.a, D = s.d,
                Xbc = Of(s.xbc.Values, batch, s.shape), Dt = Of(s.dt.Values, batch, s.shape), Y = Of(s.y.Values, batch, s.shape),
                Starts = StartsOf(s.starts, batch, s.shape.Length),
                State = Of(s.state.Values, batch, s.shape),
                ChunkStates = Of(s.chunkStates.Span, batch, s.shape),
                Scratch = ThreadScratch.Take(SsdForward.ScratchLength(s.shape)),
            });
        }, heavy: true);

        return Tape.Record(
            y, inputs, (xbc, dt, a, d, shape, initialState, state, chunkStates, starts),
            static (s, y) => SsdGradients(s.xbc, s.dt, s.a, s.d, s.shape, s.initialState, s.state, s.chunkStates, s.starts, y),
            inDouble: static (s, v) => SsdInDouble(v, s.shape, s.starts).Y, op: nameof(Ssd));
    }

    /// <summary>Asking for a gradient makes one.</summary>
    private static void ZeroUnlessSet(Tensor y) => _ = y.Grad;

    private static void SsdGradients(
        Tensor xbc, Tensor dt, Tensor a, Tensor d, SsdShape shape, Tensor? initialState, Tensor finalState, Memory<float> chunkStates,
        ReadOnlyMemory<bool> starts, Tensor y)
    {
        Memory<float> gradState = Workspace.Rent(finalState.Count);
        finalState.Grad.CopyTo(gradState.Span);
        Memory<float> gradBC = Workspace.Rent(shape.Batch * shape.HeadBlocks * shape.Length * 2 * shape.State);
        Memory<float> gradA = Workspace.Rent(shape.Batch * shape.Heads), gradD = Workspace.Rent(shape.Batch * shape.Heads);
        gradA.Span.Clear();
        gradD.Span.Clear();
        Memory<float> gradXbc = GradOrScratch(xbc), gradDt = GradOrScratch(dt);

        var saved = (xbc, dt, a, d, shape, chunkStates, starts, y, gradState, gradXbc, gradDt, gradBC, gradA, gradD);
        RowParallel.For(shape.Batch * shape.HeadBlocks, 1, saved, static (s, task, _) =>
        {
            (int batch, int block) = Math.DivRem(task, s.shape.HeadBlocks);
            Simd.Run(new SsdBackward
            {
                Shape = s.shape, HeadBlock = block, A = s.a, D = s.d,
                Xbc = Of(s.xbc.Values, batch, s.shape), Dt = Of(s.dt.Values, batch, s.shape),
                Starts = StartsOf(s.starts, batch, s.shape.Length),
                ChunkStates = Of(s.chunkStates.Span, batch, s.shape),
                GradY = Of(s.y.Grad, batch, s.shape), GradState = Of(s.gradState.Span, batch, s.shape),
                GradXbc = Of(s.gradXbc.Span, batch, s.shape), GradDt = Of(s.gradDt.Span, batch, s.shape),
                GradBC = s.gradBC.Span.Slice(task * s.shape.Length * 2 * s.shape.State, s.shape.Length * 2 * s.shape.State),
                GradA = Of(s.gradA.Span, batch, s.shape), GradD = Of(s.gradD.Span, batch, s.shape),
                Scratch = ThreadScratch.Take(SsdBackward.ScratchLength(s.shape)),
            });
        }, heavy: true);

        AddGradBC(gradXbc, gradBC, shape);
        AddOverBatch(gradA.Span, a);
        AddOverBatch(gradD.Span, d);
        if (initialState is { NeedsGrad: true })
            Simd.Run(new AddScaled { X = gradState.Span, Y = initialState.Grad });
        Workspace.GiveBack(chunkStates);
        Workspace.GiveBack(gradBC);
        Workspace.GiveBack(gradState);
        finalState.GiveGradBack();
    }

    /// <summary>Adds the blocks' shares of the gradients of B and C, block after block, to their columns of xBC.</summary>
    private static void AddGradBC(Memory<float> gradXbc, Memory<float> gradBC, SsdShape shape) =>
        RowParallel.For(shape.Batch * shape.Length, 256, (gradXbc, gradBC, shape), static (s, start, end) =>
        {
            SsdShape shape = s.shape;
            int n = shape.State;
            for (int row = start; row < end; row++)
            {
                (int batch, int t) = Math.DivRem(row, shape.Length);
                Span<float> grad = s.gradXbc.Span.Slice(row * shape.RowLength, shape.RowLength);
                for (int block = 0; block < shape.HeadBlocks; block++)
                {
                    int group = shape.GroupOf(block);
                    ReadOnlySpan<float> share = s.gradBC.Span.Slice(((batch * shape.HeadBlocks + block) * shape.Length + t) * 2 * n, 2 * n);
                    Simd.Run(new AddScaled { X = share[..n], Y = grad.Slice(shape.BColumn(group), n) });
                    Simd.Run(new AddScaled { X = share[n..], Y = grad.Slice(shape.CColumn(group), n) });
                }
            }
        });

    /// <summary>The gradient of x; memory that nobody reads when none is wanted.</summary>
    private static Memory<float> GradOrScratch(Tensor x)
    {
        PrepareGrads(x);
        return x.NeedsGrad ? x.GradMemory : Workspace.Rent(x.Count);
    }

    /// <summary>Adds what every sequence of the batch contributes to a parameter's gradient, one after the other.</summary>
    private static void AddOverBatch(ReadOnlySpan<float> perSequence, Tensor parameter)
    {
        for (int start = 0; start < perSequence.Length && parameter.NeedsGrad; start += parameter.Count)
            Simd.Run(new AddScaled { X = perSequence.Slice(start, parameter.Count), Y = parameter.Grad });
    }

    /// <summary>The part of one sequence in values that are stored sequence after sequence.</summary>
    private static Span<float> Of(Span<float> values, int batch, SsdShape shape)
    {
        int length = values.Length / shape.Batch;
        return values.Slice(batch * length, length);
    }

    /// <summary>The starts of documents in one sequence; empty when there are none.</summary>
    private static ReadOnlySpan<bool> StartsOf(ReadOnlyMemory<bool> starts, int batch, int length) =>
        starts.IsEmpty ? [] : starts.Span.Slice(batch * length, length);

    private static void RequireStarts(ReadOnlyMemory<bool> starts, int batch, int length)
    {
        if (!starts.IsEmpty && starts.Length != batch * length)
            throw new ArgumentException($"starts has {starts.Length} entries for {batch} sequences of {length} tokens.", nameof(starts));
    }

    /// <summary>Checks a shape and names both when it differs.</summary>
    private static Tensor Expect(Tensor tensor, string name, params ReadOnlySpan<int> dims)
    {
        Shape shape = new(dims);
        return tensor.Shape == shape ? tensor : throw new ArgumentException($"{name} is {tensor.Shape}, expected {shape}.", name);
    }
}
