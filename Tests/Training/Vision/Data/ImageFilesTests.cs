using SpikeEngine.Training.Vision;
using static SpikeEngine.Tests.Training.Vision.ImageFixtures;

namespace SpikeEngine.Tests.Training.Vision;

public sealed class ImageFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Several_files_are_one_set()
    {
        string a = _folder.Write("a.bin", Cifar([1], [2])), b = _folder.Write("b.bin.gz", Packed(Cifar([3])));
        ImageSet set = ImageFiles.Read([a, b]);
        Assert.Equal([1, 2, 3], set.Labels.ToArray());
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(i => set.Image(i)[0]));
        Assert.Equal("bird", set.ClassNames![2]);
        Assert.Equal([2, 3], ImageFiles.Read([a, b]).Slice(1, 2).Labels.ToArray());
        Assert.Equal(ImageFiles.Read(a).Key, ImageFiles.Read([a]).Key);
    }

    [Fact]
    public void Files_of_different_kinds_are_no_set()
    {
        string a = _folder.Write("a.bin", Cifar([1])), b = _folder.Write("b.bin", Cifar([1, 2]));
        string message = Assert.Throws<InvalidDataException>(() => ImageFiles.Read([a, b])).Message;
        Assert.Contains($"'{b}' has images of [3, 32, 32] in 100 classes", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageFiles.Read([]));
    }

    [Fact]
    public void Missing_files_and_folders_are_named()
    {
        string missing = _folder.File("none.bin");
        Assert.Contains(missing, Assert.Throws<FileNotFoundException>(() => ImageFiles.Read(missing)).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(() => ImageFiles.Read(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageFiles.Read(""));
    }

    [Fact]
    public void What_is_not_known_is_refused()
    {
        string path = _folder.Write("cat.png", [0x89, 0x50, 0x4E, 0x47, 0x0D]);
        string message = Assert.Throws<InvalidDataException>(() => ImageFiles.Read(path)).Message;
        Assert.Contains($"'{path}' is no file of images that is known", message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ImageFiles.Read(_folder.Write("one", [0x1F])));
    }

    [Fact]
    public void A_small_file_cannot_unpack_without_end()
    {
        string path = _folder.Write("a.bin.gz", Packed(new byte[1 << 20]));
        Assert.True(new FileInfo(path).Length < 1 << 14);
        string message = Assert.Throws<InvalidDataException>(() => ImageFileContent.Read(path, mostBytes: 1 << 18)).Message;
        Assert.Contains($"'{path}' has more than 262144 bytes", message, StringComparison.Ordinal);
        Assert.Equal(1 << 20, ImageFileContent.Read(path, mostBytes: 1 << 20).Bytes.Length);
    }

    public void Dispose() => _folder.Dispose();
}
