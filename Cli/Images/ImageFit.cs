using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary>Whether images are those that a network is for.</summary>
internal static class ImageFit
{
    /// <summary>Refuses others.</summary>
    /// <param name="config">Of the network.</param>
    /// <param name="set">The images.</param>
    /// <param name="model">The network's folder, for the message.</param>
    /// <exception cref="InvalidDataException">The images have other sizes or classes.</exception>
    public static void Require(ImageNetworkConfig config, ImageSet set, string model)
    {
        if ((set.Channels, set.Height, set.Width, set.Classes) != (config.Channels, config.Height, config.Width, config.Classes))
        {
            throw new InvalidDataException(
                $"The images are [{set.Channels}, {set.Height}, {set.Width}] of {set.Classes} classes; '{model}' is for [{config.Channels}, {config.Height}, {config.Width}] of {config.Classes}.");
        }
    }
}
