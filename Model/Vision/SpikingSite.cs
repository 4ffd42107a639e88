namespace SpikeEngine.Model.Vision;

/// <summary>A layer of integrate-and-fire neurons: a threshold for each channel and place, which no gradient changes (SNN2ANN, section 3.2).</summary>
public sealed class SpikingSite : Module
{
    private const float MostNoise = 0.1f;
    private const float Rise = 0.1f;
    private const float Kept = 0.9f;

    internal SpikingSite(ParameterScope scope, int index, int channels, int height, int width, SpikingSite? meanOf, float? threshold)
        : base(scope)
    {
        (Index, MeanOf) = (index, meanOf);
        Threshold = scope.Buffer("threshold", [channels, height, width], threshold is { } same ? (values, _) => values.Fill(same) : Uniform);
    }

    /// <summary>Number of the layer, in the order of the forward pass.</summary>
    public int Index { get; }

    /// <summary>The neurons of whose spikes it gets the mean over a window; null where it gets the current of convolutions.</summary>
    public SpikingSite? MeanOf { get; }

    /// <summary>V_th [C, H, W], a buffer.</summary>
    public Parameter Threshold { get; }

    /// <summary>Room for the counts of some images, [N, C, H, W].</summary>
    internal Tensor NewCounts(int images) => new(images, Threshold.Shape[0], Threshold.Shape[1], Threshold.Shape[2]);

    /// <summary>Neurons.</summary>
    public int Neurons => Threshold.Count;

    /// <summary>
    /// Adaptive threshold adjustment (section 3.4), once for each batch of a training: where more than a tenth of the units are off and have spiked all the
    /// same, V_th rises:  V ← 0.9 V + 0.1 (V + 0.1). It never falls.
    /// </summary>
    /// <param name="x">[N, C, H, W], what the ANN's ReLU gets.</param>
    /// <param name="counts">[N, C, H, W], spikes of the layer.</param>
    /// <returns>The share of such units.</returns>
    public float Adapt(Tensor x, Tensor counts)
    {
        float noise = Ops.NoisyShare(x, counts);
        if (noise <= MostNoise)
            return noise;
        foreach (ref float threshold in Threshold.Values)
            threshold = Kept * threshold + (1f - Kept) * (threshold + Rise);
        return noise;
    }

    private static void Uniform(Span<float> values, SeededRandom random)
    {
        foreach (ref float value in values)
            value = random.NextFloat();
    }
}
