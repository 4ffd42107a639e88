using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

/// <summary>Windows of one image, 1 2 3 / 4 5 6 / 7 8 9, worked out by hand.</summary>
public class ImageWriterTests
{
    [Theory]
    [InlineData(0, 0, false, "1 2 3  4 5 6  7 8 9")]
    [InlineData(0, 0, true, "3 2 1  6 5 4  9 8 7")]
    [InlineData(-1, 0, false, "0 0 0  1 2 3  4 5 6")]
    [InlineData(1, 0, false, "4 5 6  7 8 9  0 0 0")]
    [InlineData(0, -1, false, "0 1 2  0 4 5  0 7 8")]
    [InlineData(0, 1, false, "2 3 0  5 6 0  8 9 0")]
    [InlineData(-1, 1, false, "0 0 0  2 3 0  5 6 0")]
    [InlineData(-1, 1, true, "0 0 0  0 3 2  0 6 5")]
    [InlineData(2, -2, true, "7 0 0  0 0 0  0 0 0")]
    [InlineData(-3, 0, false, "0 0 0  0 0 0  0 0 0")]
    public void A_window_is_cut_and_then_mirrored(int top, int left, bool mirrored, string expected)
    {
        float[] values = Write(ImageFixtures.Set(1, fullScale: 1), ImageNormalization.None, new ImagePlacement(top, left, mirrored));
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(float.Parse), values);
    }

    [Fact]
    public void Channels_move_together()
    {
        float[] values = Write(ImageFixtures.Set(1, channels: 2, side: 2, fullScale: 1), ImageNormalization.None, new ImagePlacement(1, 0, true));
        Assert.Equal([4, 3, 0, 0, 8, 7, 0, 0], values);
    }

    [Fact]
    public void Padding_is_black_before_the_normalisation()
    {
        ImageSet set = new(new byte[] { 16, 8 }, new byte[1], 2, 1, 1, 1, fullScale: 16);
        ImageNormalization normalization = new([0.5f, 0.25f], [0.25f, 0.5f]);
        Assert.Equal([2f, 0.5f], Write(set, normalization, default));
        Assert.Equal([-2f, -0.5f], Write(set, normalization, new ImagePlacement(1, 0, false)));
    }

    private static float[] Write(ImageSet set, ImageNormalization normalization, ImagePlacement placement)
    {
        Tensor images = new(1, set.Channels, set.Height, set.Width);
        new ImageWriter(set, normalization).Write(images, new[] { 0 }, new[] { placement });
        return images.Values.ToArray();
    }
}
