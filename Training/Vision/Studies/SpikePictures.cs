using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Vision;

/// <summary>A map of brightnesses.</summary>
/// <param name="Label">What it shows.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Pixels">[height, width], 255 for the brightest.</param>
public sealed record GreyPicture(string Label, int Height, int Width, byte[] Pixels);

/// <summary>What one image comes to in a spiking network: the image, the first spikes step by step, and the rates of some maps of each layer.</summary>
/// <param name="Image">Its channels.</param>
/// <param name="FirstSpikes">Of some maps of the first layer of neurons, for each step: the image as spikes.</param>
/// <param name="Rates">Of each layer, of some maps: white for a spike in each step.</param>
public sealed record SpikePictures(IReadOnlyList<GreyPicture> Image, IReadOnlyList<IReadOnlyList<GreyPicture>> FirstSpikes, IReadOnlyList<IReadOnlyList<GreyPicture>> Rates)
{
    private const int Maps = 8;

    /// <summary>Of one image of a set.</summary>
    /// <param name="network">A spiking network.</param>
    /// <param name="set">Images of its sizes.</param>
    /// <param name="index">Which of them.</param>
    /// <exception cref="ArgumentException">The images have other sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public static SpikePictures Of(ImageNetwork network, ImageSet set, int index)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(set);
        Workspace workspace = new();
        using Workspace.Scope scope = workspace.Open();
        Watch pass = new(network);
        network.Run(ImageBatches.Of(set, index, 1, ImageNormalizations.Of(network.Config)).Images, pass);
        int steps = network.Config.TimeSteps;
        ReadOnlySpan<byte> pixels = set.Image(index);
        List<GreyPicture> image = [];
        for (int c = 0; c < set.Channels; c++)
            image.Add(new GreyPicture($"channel {c + 1}", set.Height, set.Width, Scaled(pixels.Slice(c * set.Height * set.Width, set.Height * set.Width), 255f / set.FullScale)));
        return new SpikePictures(
            image,
            [.. Enumerable.Range(0, steps).Select(step => Pictures(pass.First!, step, $"step {step + 1}", 1))],
            [.. network.Sites.Select(site => Pictures(pass.Counts[site.Index], 0, site.Path, steps))]);
    }

    private static List<GreyPicture> Pictures(Tensor maps, int row, string label, int most)
    {
        (int channels, int height, int width) = (maps.Shape[1], maps.Shape[2], maps.Shape[3]);
        List<GreyPicture> pictures = [];
        for (int c = 0; c < Math.Min(Maps, channels); c++)
        {
            ReadOnlySpan<float> values = maps.Values.Slice((row * channels + c) * height * width, height * width);
            byte[] pixels = new byte[values.Length];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(values[i] * 255f / most);
            pictures.Add(new GreyPicture(label, height, width, pixels));
        }

        return pictures;
    }

    private static byte[] Scaled(ReadOnlySpan<byte> pixels, float factor)
    {
        byte[] scaled = new byte[pixels.Length];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = (byte)Math.Min(255f, pixels[i] * factor);
        return scaled;
    }

    /// <summary>Keeps the spikes of the first layer.</summary>
    private sealed class Watch(ImageNetwork network) : SpikingPass(
        network.Config, network.Prepared(), images: 1, firstImage: 0, network.Sites.Count, keys: [])
    {
        public Tensor? First { get; private set; }

        public override Tensor Fire(SpikingSite site, Tensor current)
        {
            Tensor spikes = base.Fire(site, current);
            First ??= spikes;
            return spikes;
        }
    }
}
