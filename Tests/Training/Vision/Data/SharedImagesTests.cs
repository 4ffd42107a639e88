using SpikeEngine.Tests.Model.Text;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

/// <summary>Real images, which are kept apart.</summary>
public class SharedImagesTests
{
    [SharedImagesTheory]
    [InlineData("mnist10k/train-images-idx3-ubyte.gz", 7000, 1, 28, 255)]
    [InlineData("mnist10k/valid-images-idx3-ubyte.gz", 1500, 1, 28, 255)]
    [InlineData("cifar10_subset/train.bin.gz", 3000, 3, 32, 255)]
    [InlineData("cifar10_subset/valid.bin.gz", 500, 3, 32, 255)]
    [InlineData("optdigits/optdigits.tra", 3823, 1, 8, 16)]
    public void Files_are_read(string file, int count, int channels, int side, float fullScale)
    {
        ImageSet set = Read(file);
        Assert.Equal((count, channels, side, side), (set.Count, set.Channels, set.Height, set.Width));
        Assert.Equal((10, fullScale), (set.Classes, set.FullScale));
        Assert.Equal(fullScale, set.Pixels.Span.ToArray().Max());
        Assert.Equal(10, set.Labels.ToArray().Distinct().Count());
        if (channels == 3)
            Assert.All(set.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(count / 10, pair.Value));
    }

    [SharedImagesTheory]
    [InlineData("mnist10k/train-images-idx3-ubyte.gz", "mnist10k/valid-images-idx3-ubyte.gz", 0.75)]
    [InlineData("optdigits/optdigits.tra", "optdigits/optdigits.tra", 0.85)]
    public void Labels_belong_to_their_images(string trainFile, string validFile, double accuracy)
    {
        // The nearest mean of a class says far more than chance, unless images and labels have come apart.
        (ImageSet train, ImageSet valid) = (Read(trainFile).Slice(0, 2000), Read(validFile).Slice(0, 500));
        int pixels = train.Image(0).Length;
        double[][] means = [.. Enumerable.Range(0, train.Classes).Select(_ => new double[pixels])];
        int[] counts = new int[train.Classes];
        for (int i = 0; i < train.Count; i++)
        {
            int label = train.Labels.Span[i];
            counts[label]++;
            for (int j = 0; j < pixels; j++)
                means[label][j] += train.Image(i)[j];
        }

        int right = Enumerable.Range(0, valid.Count).Count(i => Nearest(valid, i) == valid.Labels.Span[i]);
        Assert.True(right >= accuracy * valid.Count, $"{right} of {valid.Count}");

        int Nearest(ImageSet set, int image) => Enumerable.Range(0, means.Length).MinBy(label =>
        {
            double distance = 0;
            for (int j = 0; j < pixels; j++)
            {
                double difference = means[label][j] / counts[label] - set.Image(image)[j];
                distance += difference * difference;
            }

            return distance;
        });
    }

    private static ImageSet Read(string file) => ImageFiles.Read(Path.Combine(SharedImagesTheoryAttribute.Folder!, file));
}

/// <summary>A test with real images: skipped unless shared/data beside the project has them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedImagesTheoryAttribute : TheoryAttribute
{
    private static readonly string[] s_sets = ["mnist10k", "cifar10_subset", "optdigits"];

    public SharedImagesTheoryAttribute()
    {
        if (Folder is null)
            Skip = $"needs {string.Join(", ", s_sets)} in shared/data beside the project";
    }

    /// <summary>The folder with all the sets, where there is one.</summary>
    public static string? Folder { get; } =
        TokenizerVectors.ReferenceFolder is { } reference && Path.Combine(reference, "..", "data") is var data
        && s_sets.All(set => Directory.Exists(Path.Combine(data, set))) ? data : null;
}
