namespace SpikeEngine.Model.Vision;

/// <summary>The ANN branch: counts of the spiking branch in the place of activations, with the gradient of activations. Thresholds adapt on the way.</summary>
/// <param name="counts">[N, C, H, W] of each site.</param>
/// <param name="unit">How they are put in.</param>
internal sealed class MappedPass(IReadOnlyList<Tensor> counts, MappingUnit unit) : AnnPass
{
    /// <summary>The sum over the sites of the shares of noisy spikes.</summary>
    public float Noise { get; private set; }

    public override Tensor Fire(SpikingSite site, Tensor current)
    {
        Tensor spikes = counts[site.Index];
        if (Tape.IsRecording)
            Noise += site.Adapt(current, spikes);
        return Ops.SpikeMapping(base.Fire(site, current), spikes, unit);
    }
}
