using SpikeEngine.Cli.Images;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Reports;

/// <summary>What an image comes to in the spiking networks that runs have trained.</summary>
internal static class RunPictures
{
    /// <summary>Adds a section for each finished run of a spiking network; where its images are not to be had any more, or are others, the page says so.</summary>
    public static void Add(HtmlPage page, IReadOnlyList<ReportRun> runs)
    {
        foreach (ReportRun run in runs)
        {
            string model = Path.Combine(run.Folder, RunFolder.Model), settings = Path.Combine(run.Folder, RunSettings.FileName);
            try
            {
                if (!ImageModelFolder.Is(model))
                    continue;
                ImageNetwork network = ImageModelFolder.Load(model);
                if (!network.Config.IsSpiking)
                    continue;
                ImageSet images = ImageTrainRun.HeldOut(ImageRunConfig.ReadShared(settings));
                ImageFit.Require(network.Config, images, model);
                SpikePicturesSection.Add(page, $"'{run.Folder}'", SpikePictures.Of(network, images, index: 0));
            }
            catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                page.Paragraph($"No pictures of spikes of '{run.Folder}': {ErrorText.Of(error)}");
            }
        }
    }
}
