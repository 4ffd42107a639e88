using SpikeEngine.Training.Vision;
using static SpikeEngine.Tests.Training.Vision.ImageFixtures;

namespace SpikeEngine.Tests.Training.Vision;

public sealed class CifarRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("data_batch_1.bin", false)]
    [InlineData("data_batch_1.bin.gz", true)]
    [InlineData("batch", false)]
    public void Ten_classes_have_one_label_in_front(string name, bool packed)
    {
        byte[] content = Cifar([3], [9]);
        ImageSet set = ImageFiles.Read(_folder.Write(name, packed ? Packed(content) : content));
        Assert.Equal((2, 3, 32, 32, 10), (set.Count, set.Channels, set.Height, set.Width, set.Classes));
        Assert.Equal([3, 9], set.Labels.ToArray());
        Assert.Equal("truck", set.ClassNames![9]);
        Assert.All(set.Image(0).ToArray(), value => Assert.Equal(0, value));
        Assert.All(set.Image(1).ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void A_hundred_classes_have_the_fine_label_second()
    {
        ImageSet set = ImageFiles.Read(_folder.Write("train.bin", Cifar([19, 99], [0, 42])));
        Assert.Equal((2, 100), (set.Count, set.Classes));
        Assert.Equal([99, 42], set.Labels.ToArray());
        Assert.All(set.Image(1).ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Red_bytes_that_look_like_another_format_are_red()
    {
        byte[] content = Cifar([0]);
        (content[2], content[3]) = (8, 3);
        Assert.Equal(3, ImageFiles.Read(_folder.Write("a.bin", content)).Channels);
    }

    [Fact]
    public void Where_both_lengths_fit_the_labels_decide()
    {
        byte[] content = new byte[3073 * 3074];
        Assert.Equal(3074, ImageFiles.Read(_folder.Write("a.bin", content)).Count);
        content[3073] = 10;   // no label of CIFAR-10, and a pixel of CIFAR-100
        Assert.Equal(3073, ImageFiles.Read(_folder.Write("a.bin", content)).Count);
    }

    [Fact]
    public void Damaged_records_are_refused()
    {
        AssertRefused(Cifar([1], [10]), "record 1, byte 3073: the label is 10; CIFAR-10 has 10 there");
        AssertRefused(Cifar([20, 1]), "record 0, byte 0: the label is 20; CIFAR-100 has 20 there");
        AssertRefused(Cifar([1, 2], [2, 100]), "record 1, byte 3075: the label is 100; CIFAR-100 has 100 there");
        AssertRefused(Cifar([1], [2])[..^1], "has 6145 bytes, neither whole records of CIFAR-10 (3073 bytes each, the last begins at byte 3073)");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(byte[] content, string what)
    {
        string path = _folder.Write("a.bin", content);
        string message = Assert.Throws<InvalidDataException>(() => ImageFiles.Read(path)).Message;
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }
}
