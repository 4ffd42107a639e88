namespace SpikeEngine.Training.Vision;

/// <summary>How a network for images is trained.</summary>
public enum ImageMethod
{
    /// <summary>As a plain ANN.</summary>
    Ann,

    /// <summary>Spikes without a gradient, and an ANN with the same weights that gets their counts (SNN2ANN, arXiv 2206.09449).</summary>
    Snn2Ann,

    /// <summary>Spikes with a gradient through all steps: back-propagation through time with a surrogate.</summary>
    Bptt,
}

/// <summary>The ways to train as files spell them.</summary>
public static class ImageMethods
{
    /// <summary>Words and what they mean.</summary>
    public static IReadOnlyList<(string Name, ImageMethod Value)> All { get; } =
        [("ann", ImageMethod.Ann), ("snn2ann", ImageMethod.Snn2Ann), ("bptt", ImageMethod.Bptt)];
}
