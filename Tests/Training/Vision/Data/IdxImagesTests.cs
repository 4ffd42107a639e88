using SpikeEngine.Training.Vision;
using static SpikeEngine.Tests.Training.Vision.ImageFixtures;

namespace SpikeEngine.Tests.Training.Vision;

public sealed class IdxImagesTests : IDisposable
{
    private const uint Images = 0x803;
    private const uint Labels = 0x801;

    private static readonly byte[] s_images = Idx(Images, [2, 1, 3], [1, 2, 3, 4, 5, 255]);
    private static readonly byte[] s_labels = Idx(Labels, [2], [9, 0]);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    [InlineData("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")]
    [InlineData("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte")]
    [InlineData("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte.gz")]
    public void Images_and_the_labels_beside_are_read(string images, string labels)
    {
        string path = Write(images, s_images);
        Write(labels, s_labels);
        ImageSet set = ImageFiles.Read(path);
        Assert.Equal((2, 1, 1, 3, 10, 255f), (set.Count, set.Channels, set.Height, set.Width, set.Classes, set.FullScale));
        Assert.Equal([1, 2, 3, 4, 5, 255], set.Pixels.ToArray());
        Assert.Equal([9, 0], set.Labels.ToArray());
    }

    [Fact]
    public void Packed_files_are_known_by_their_content()
    {
        string path = _folder.Write("a-images-idx3", Packed(s_images));
        _folder.Write("a-labels-idx1", Packed(s_labels));
        Assert.Equal(2, ImageFiles.Read(path).Count);
    }

    [Fact]
    public void Missing_labels_are_named()
    {
        string path = Write("images-idx3.gz", s_images);
        string message = Assert.Throws<FileNotFoundException>(() => ImageFiles.Read(path)).Message;
        Assert.Contains("'" + _folder.File("labels-idx1.gz") + "'", message, StringComparison.Ordinal);
        Assert.Contains("'" + _folder.File("labels-idx1") + "'", message, StringComparison.Ordinal);
        AssertRefused(Write("digits.idx3", s_images), "replacing \"images\" and \"idx3\"");
    }

    [Fact]
    public void The_wrong_magic_is_named()
    {
        AssertRefused(Write("images-idx3", Idx(0xD03, [2, 1, 3], new byte[24])), "starts with 0x00000D03");
        AssertRefused(Write("images-idx3", [0, 8]), "starts with 0x0008");
        AssertRefused(Write("labels-idx1", s_labels), "a file of images in IDX starts with 0x00000803");
        string path = Write("images-idx3", s_images);
        Write("labels-idx1", s_images);
        AssertRefused(path, "a file of labels in IDX starts with 0x00000801", named: "labels-idx1");
    }

    [Fact]
    public void A_header_is_checked_against_the_file()
    {
        Write("labels-idx1", s_labels);
        AssertRefused(Write("images-idx3", s_images[..12]), "cut short: it has 12 bytes, its header alone has 16");
        AssertRefused(Write("images-idx3", s_images[..20]), "2 images of 1 x 3, 22 bytes in all; it is cut short at byte 20, in item 1");
        AssertRefused(Write("images-idx3", [.. s_images, 7]), "something follows at byte 22");
        AssertRefused(Write("images-idx3", Idx(Images, [0, 28, 28], [])), "0 images of 28 x 28");
        AssertRefused(Write("images-idx3", Idx(Images, [2, 0, 28], [])), "2 images of 0 x 28");

        // Sizes whose product is 2^96 or, in 32 or 64 bits, nothing at all.
        AssertRefused(Write("images-idx3", Idx(Images, [uint.MaxValue, uint.MaxValue, uint.MaxValue], [1])), "cut short at byte 17");
        AssertRefused(Write("images-idx3", Idx(Images, [1u << 31, 1u << 31, 4], [])), "cut short at byte 16");
    }

    [Fact]
    public void Labels_are_checked()
    {
        string path = Write("images-idx3", s_images);
        foreach ((byte[] labels, string what) in new[]
        {
            (Idx(Labels, [3], [1, 2, 3]), "has 3 labels, '" + path + "' has 2 images"),
            (Idx(Labels, [2], [1]), "2 labels, 10 bytes in all; it is cut short at byte 9"),
            (Idx(Labels, [2], [1, 2, 3]), "something follows at byte 10"),
            (Idx(Labels, [2], [1, 10]), "byte 9: the label of image 1 is 10; there are 10 classes"),
            (Idx(Labels, [], []), "cut short: it has 4 bytes"),
            ([], "is empty"),
        })
        {
            Write("labels-idx1", labels);
            AssertRefused(path, what, named: "labels-idx1");
        }
    }

    [Fact]
    public void Damaged_packing_is_refused()
    {
        byte[] packed = Packed(s_images);
        AssertRefused(_folder.Write("images-idx3.gz", packed[..^4]), "cannot be unpacked");
        packed[12] ^= 0x55;
        AssertRefused(_folder.Write("images-idx3.gz", packed), "cannot be unpacked");
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name, byte[] content) =>
        _folder.Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? Packed(content) : content);

    private static void AssertRefused(string path, string what, string? named = null)
    {
        string message = Assert.Throws<InvalidDataException>(() => ImageFiles.Read(path)).Message;
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(named ?? path, message, StringComparison.Ordinal);
    }
}
