namespace SpikeEngine.Model.Spiking;

/// <summary>
/// Where the smooth path f(u) = D tanh(u / w) of smoothed gradient compensation (SpikingMamba, SGC) enters. The paper says that there is
/// one, in training only, and not how it is mixed in; these are the ways that come into question.
/// </summary>
public enum CompensationForm
{
    /// <summary>s + λ (f - stopgrad f): in the gradient only; removing it changes no bit.</summary>
    ValuePreserving,

    /// <summary>(1 - λ) s + λ f, with λ falling to 0.</summary>
    Mix,

    /// <summary>W s + λ W f: a second branch through the same weights, with λ falling to 0.</summary>
    SharedBranch,

    /// <summary>W s + λ W' f: a second branch through weights of its own, which start as those of the projection, with λ falling to 0.</summary>
    OwnBranch,

    /// <summary>A gradient of λ where the neuron is silent or at the end of its counts, and nothing else; in the gradient only.</summary>
    Zones,
}

/// <summary>
/// The compensation of all neurons of one student. It acts while a tape records and nowhere else: evaluation and decoding are without it.
/// </summary>
/// <param name="form">Where the smooth path enters.</param>
/// <param name="width">w: 1 in the paper; with D, f follows the input as far as the counts reach.</param>
public sealed class SmoothedCompensation(CompensationForm form, float width = 1f)
{
    /// <summary>Where the smooth path enters.</summary>
    public CompensationForm Form => form;

    /// <summary>w</summary>
    public float Width => width;

    /// <summary>λ at this moment of the training.</summary>
    public float Lambda { get; set; }

    /// <summary>Whether the forward pass of a training step has it.</summary>
    internal bool EntersForward => Lambda != 0f && Tape.IsRecording && form is CompensationForm.Mix or CompensationForm.SharedBranch or CompensationForm.OwnBranch;

    /// <summary>f = D tanh(u / w), with u = x / V_th.</summary>
    internal Tensor Smooth(Tensor x, float threshold, int levels) => Ops.Scale(Ops.Tanh(Ops.Scale(x, 1f / (threshold * width))), levels);
}
