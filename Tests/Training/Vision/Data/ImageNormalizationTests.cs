using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

public class ImageNormalizationTests
{
    [Fact]
    public void Every_byte_of_every_channel_is_shifted_and_scaled()
    {
        float[] table = ImageNormalization.Cifar.Table(ImageFixtures.Set(1, channels: 3));
        Assert.Equal(3 * 256, table.Length);
        Assert.Equal((0f - 0.4914f) / 0.557f, table[0]);
        Assert.Equal((255f / 255 - 0.4822f) / 0.549f, table[256 + 255]);
        Assert.Equal((51f / 255 - 0.4465f) / 0.5534f, table[512 + 51]);
    }

    [Fact]
    public void One_number_serves_all_channels_and_the_scale_is_that_of_the_images()
    {
        float[] table = new ImageNormalization([0.5f], [0.5f]).Table(ImageFixtures.Set(1, channels: 2, fullScale: 16));
        Assert.Equal([-1f, 0f, 1f], new[] { table[0], table[8], table[256 + 16] });
        Assert.Equal(1f, ImageNormalization.None.Table(ImageFixtures.Set(1))[255]);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ImageNormalization([0f, 0f], [1f]));
        Assert.Throws<ArgumentException>(() => new ImageNormalization([], []));
        Assert.Throws<ArgumentException>(() => new ImageNormalization([0f], [0f]));
        Assert.Throws<ArgumentException>(() => new ImageNormalization([0f], [float.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => new ImageNormalization([float.NaN], [1f]));
        string message = Assert.Throws<ArgumentException>(() => ImageNormalization.Cifar.Table(ImageFixtures.Set(1))).Message;
        Assert.Contains("The normalization has 3 channels, the images have 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_numbers_are_equal()
    {
        ImageNormalization same = new([0f], [1f]);
        Assert.Equal(ImageNormalization.None, same);
        Assert.Equal(ImageNormalization.None.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(ImageNormalization.None, ImageNormalization.Cifar);
        Assert.Equal("mean [0.5], std [0.25]", new ImageNormalization([0.5f], [0.25f]).ToString());
    }
}
