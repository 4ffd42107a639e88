using SpikeEngine.Cli.Reports;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary>The part of a page that shows what an image comes to in a spiking network.</summary>
internal static class SpikePicturesSection
{
    /// <summary>Adds it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="network">Whose spikes they are.</param>
    /// <param name="pictures">Of the first image that the network is measured on.</param>
    public static void Add(HtmlPage page, string network, SpikePictures pictures)
    {
        page.Heading($"What an image comes to in {network}");
        page.Paragraph(
            "The first image held out: its channels; spikes of eight maps of the first layer of neurons, step by step; rates of eight maps of each layer, white for a spike in every step.");
        page.Charts(
        [
            ("the image", SpikeGrid.Svg([pictures.Image])),
            ("spikes of the first layer, a row for each step", SpikeGrid.Svg(pictures.FirstSpikes)),
            ("rates, a row for each layer", SpikeGrid.Svg(pictures.Rates)),
        ]);
    }
}
