using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    private string Target => _parent.File("model");

    public void Dispose() => _parent.Dispose();

    [Fact]
    public void ANewFolderIsCreated()
    {
        AtomicFolder.Write(Target + Path.DirectorySeparatorChar, folder =>
        {
            Assert.StartsWith(Target + ".partial-", folder, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Target));
            Fill(folder, "new");
        });

        Assert.Equal("new", Content("file"));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void AnOldFolderIsReplacedAsAWhole()
    {
        AtomicFolder.Write(Target, folder =>
        {
            Fill(folder, "old");
            File.WriteAllText(Path.Combine(folder, "stale"), "");
        });

        AtomicFolder.Write(Target, folder =>
        {
            Assert.Equal("old", Content("file"));
            Fill(folder, "new");
        });

        Assert.Equal("new", Content("file"));
        Assert.False(File.Exists(Path.Combine(Target, "stale")));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void AfterAFailureTheOldFolderRemainsAndNothingElse()
    {
        AtomicFolder.Write(Target, folder => Fill(folder, "old"));

        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(Target, folder =>
        {
            Fill(folder, "half");
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", Content("file"));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_parent.Path));
    }

    [Fact]
    public void AFileIsNeverReplacedByAFolder()
    {
        _parent.Write("model", "a file");

        Assert.Throws<IOException>(() => AtomicFolder.Write(Target, folder => Fill(folder, "new")));

        Assert.Equal("a file", File.ReadAllText(Target));
    }

    private static void Fill(string folder, string content) => File.WriteAllText(Path.Combine(folder, "file"), content);

    private string Content(string file) => File.ReadAllText(Path.Combine(Target, file));
}
