using System.IO.Compression;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Checkpoints.PyTorch;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class StoredZipWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(1000)]   // some lengths and offsets
    [InlineData(0)]
    public void RecordsComeBackAndAreAligned(long narrow)
    {
        byte[][] records = [[], [1, 2, 3], new byte[2000], [.. Enumerable.Range(0, 999).Select(i => (byte)i)], [7]];
        string path = _folder.File("x.zip");
        using (FileStream stream = File.Create(path))
        {
            using StoredZipWriter zip = new(stream, narrow);
            for (int i = 0; i < records.Length; i++)
                zip.Add($"archive/data/{i}", records[i]);
            zip.Finish();
        }

        using ZipArchive archive = ZipFile.OpenRead(path);
        Assert.Equal(records.Length, archive.Entries.Count);
        using var mapping = FileMapping.Open(path);
        IReadOnlyDictionary<string, ZipRecord> index = ZipIndex.Read(path, mapping).Records;
        for (int i = 0; i < records.Length; i++)
        {
            ZipArchiveEntry entry = archive.Entries[i];
            using Stream content = entry.Open();
            byte[] bytes = new byte[entry.Length];
            content.ReadExactly(bytes);
            Assert.Equal(records[i], bytes);
            Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32(bytes), entry.Crc32);

            ZipRecord record = index[entry.FullName];
            Assert.Equal(0, record.Start % 64);
            Assert.Equal(records[i], mapping.Copy(record.Start, (int)record.Length));
        }
    }

    [Fact]
    public void ARecordOfAnotherLengthIsAnError()
    {
        using FileStream stream = File.Create(_folder.File("x.zip"));
        using StoredZipWriter zip = new(stream);
        Assert.Contains("'a' wrote 1 of 2 bytes", Assert.Throws<InvalidOperationException>(() => zip.Add("a", 2, body => body.WriteByte(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesOfAStateDictAreTakenOnce()
    {
        string path = _folder.File("x.bin");
        TensorContent a = TensorContent.Of("a", new[] { 1 }, new float[1]);
        Assert.Throws<ArgumentException>(() => PyTorchWriter.Write(path, [a, a]));
        Assert.Throws<ArgumentException>(() => PyTorchWriter.Write(path, [a], ("a", "a")));
        Assert.Throws<ArgumentException>(() => PyTorchWriter.Write(path, [a], ("b", "c")));
        Assert.False(File.Exists(path));
    }
}
