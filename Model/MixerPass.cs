namespace SpikeEngine.Model;

/// <summary>What a pass over whole sequences carries along.</summary>
/// <param name="State">Where the sequences continue from, and where they end; null starts at zero and forgets.</param>
/// <param name="Trace">Filled with what happens inside, when given.</param>
/// <param name="Mask">[B, T, 1]: 0 at padding, 1 elsewhere; null when nothing is padded.</param>
/// <param name="Starts">[B, T]: true where a document starts inside its sequence; empty for nowhere.</param>
internal readonly record struct PassContext(Mamba2State? State, ForwardTrace? Trace, Tensor? Mask, ReadOnlyMemory<bool> Starts = default);

/// <summary>The weights of a mixer, whoever keeps them: parameters that learn, or stored ones that do not.</summary>
internal interface IMixerWeights
{
    /// <summary>Sizes and switches.</summary>
    Mamba2Config Config { get; }

    /// <summary>The block's number.</summary>
    int Layer { get; }

    /// <summary>conv1d.weight [ConvChannels, 1, DConv].</summary>
    Tensor ConvWeight { get; }

    /// <summary>conv1d.bias [ConvChannels], or null.</summary>
    Tensor? ConvBias { get; }

    /// <summary>dt_bias [H].</summary>
    Tensor DtBias { get; }

    /// <summary>A = -exp(A_log) [H].</summary>
    Tensor A { get; }

    /// <summary>D [H].</summary>
    Tensor D { get; }

    /// <summary>norm.weight [DInner].</summary>
    Tensor NormWeight { get; }

    /// <summary>in_proj, behind its neuron if there is one: z, xBC and dt, each contiguous.</summary>
    Tensor[] In(Tensor u, ForwardTrace? trace);

    /// <summary>out_proj, behind its neuron if there is one, and the residual if it is given.</summary>
    Tensor Out(Tensor gated, Tensor? residual, ForwardTrace? trace);
}

/// <summary>
/// The Mamba2 mixer over whole sequences (Mamba-2 paper, section 7; in SpikingMamba with a neuron in front of both projections):
/// <code>
/// z, xBC, dt = split(W_in u);  xBC = silu(conv1d(xBC));  dt = clamp(softplus(dt + dt_bias))
/// y = SSD(x, dt, -exp(A_log), B, C) + D x;  out = W_out gated_norm(y, z)
/// </code>
/// Padding in front of a sequence neither enters the convolution nor the scan, so the tokens after it see what they would see without it.
/// Documents packed into one sequence do not see each other: both begin anew where one starts.
/// </summary>
internal static class MixerPass
{
    /// <summary>residual + mixer(u), all [B, T, D]; with a state, the sequence continues from it and the state moves on.</summary>
    internal static Tensor Run(IMixerWeights weights, Tensor u, Tensor residual, PassContext context)
    {
        Mamba2Config config = weights.Config;
        Mamba2State? state = context.State;
        Tensor[] zxbcdt = weights.In(u, context.Trace);
        (Tensor z, Tensor raw, Tensor dtRaw) = (zxbcdt[0], Masked(zxbcdt[1], context.Mask), zxbcdt[2]);

        Tensor? window = state?.ConvTensor(weights.Layer);
        Tensor xbc = Masked(Ops.CausalConv1d(raw, weights.ConvWeight, weights.ConvBias, silu: true, window, context.Starts), context.Mask);
        Tensor dt = Ops.TimeStep(dtRaw, weights.DtBias, config.DtLimitLow, config.DtLimitHigh);
        (Tensor y, Tensor ssmState) = Ops.Ssd(
            xbc, dt, weights.A, weights.D, config.SsdShapeFor(u.Shape[0], u.Shape[1]), state?.SsmTensor(weights.Layer), context.Starts);
        state?.Store(weights.Layer, Ops.CausalConv1dState(raw, config.DConv, window), ssmState);

        Tensor gated = Ops.GatedRmsNorm(y, z, weights.NormWeight, config.NormGroup, config.NormEpsilon);
        if (context.Trace is not { KeepsBlockOutputs: true })
            return weights.Out(gated, residual, context.Trace);
        Tensor output = weights.Out(gated, residual: null, context.Trace);
        context.Trace.BlockOutputs.Add(output);
        return Ops.Add(residual, output);
    }

    private static Tensor Masked(Tensor x, Tensor? mask) => mask is null ? x : Ops.Mul(x, mask);
}
