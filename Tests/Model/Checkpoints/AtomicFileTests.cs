using System.Text;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ANewFileIsCreated()
    {
        AtomicFile.Write(_folder.File("a"), stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(_folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void TheOldContentIsThereUntilTheNewIsComplete()
    {
        string path = _folder.Write("a", "old");
        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        });

        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void AfterAFailureTheOldFileRemainsAndNothingElse()
    {
        string path = _folder.Write("a", "old");

        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes("half"));
            throw new OperationCanceledException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void ATargetThatCannotBeReplacedLeavesNoTemporaryFile()
    {
        string path = _folder.File("a");
        Directory.CreateDirectory(path);

        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, stream => stream.Write("new"u8)));

        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }
}
