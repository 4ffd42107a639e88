using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Vision;

/// <summary>The normalization that a network was trained with, and so wants.</summary>
internal static class ImageNormalizations
{
    public static ImageNormalization Of(ImageNetworkConfig config) =>
        config.Mean.Count == 0 ? ImageNormalization.None : new ImageNormalization(config.Mean, config.Std);
}
