using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Vision;

/// <summary>How well a network tells images of a set apart.</summary>
/// <param name="Images">How many there were.</param>
/// <param name="Right">How many were classified as labelled.</param>
/// <param name="Loss">Mean cross-entropy.</param>
public sealed record ImageScore(int Images, int Right, double Loss)
{
    /// <summary>In percent.</summary>
    public double Accuracy => 100.0 * Right / Images;

    /// <summary>Standard error of <see cref="Accuracy"/>.</summary>
    public double StandardError => 100 * Math.Sqrt((double)Right / Images * (1 - (double)Right / Images) / Images);

    /// <summary>Spikes, of a spiking run; null otherwise.</summary>
    public SpikeRates? Rates { get; init; }

    /// <summary>Energy for an image, of a spiking run; null otherwise.</summary>
    public ImageEnergyReport? Energy { get; init; }
}
