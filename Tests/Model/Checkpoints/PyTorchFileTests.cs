using System.Text;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Checkpoints.PyTorch;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class PyTorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public unsafe void TiedTensorsAreTheSameMemory()
    {
        using PyTorchFile file = Golden("tied");
        ReadOnlyMemory<byte> embedding = file.Bytes("backbone.embedding.weight"), head = file.Bytes("lm_head.weight");

        fixed (byte* a = embedding.Span, b = head.Span)
            Assert.True(a == b);
    }

    [Fact]
    public void MemoryOutlivesTheFileThatGaveIt()
    {
        ReadOnlyMemory<byte> bytes;
        byte[] expected;
        using (PyTorchFile file = Golden("larger"))
        {
            bytes = file.Bytes("w");
            expected = bytes.ToArray();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(expected, bytes.ToArray());
    }

    [Fact]
    public void AClosedFileIsNotReadAnyMore()
    {
        PyTorchFile file = Golden("larger");
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.ReadFloats("w"));
        Assert.Throws<ObjectDisposedException>(() => file.Bytes("w"));
    }

    [Theory]
    [InlineData("transposed")]
    [InlineData("permuted")]
    [InlineData("strided")]
    [InlineData("expanded")]
    public void APartOfAViewIsThatPartOfTheWhole(string view)
    {
        using PyTorchFile file = Golden("views");
        TensorEntry entry = file[view];
        byte[] whole = file.Bytes(view).ToArray();
        for (int first = 0; first < entry.ElementCount; first++)
        {
            int count = (int)entry.ElementCount - first;
            using var part = file.Slice(entry, 4L * first, 4 * count);
            Assert.Equal(whole[(4 * first)..], part.Memory.ToArray());
        }
    }

    [Fact]
    public void AnIntegerOfAnyLengthHasTheSignOfItsLastByte()
    {
        AssertReads(0L, []);
        AssertReads(-1L, [0xFF]);
        AssertReads(255L, [0xFF, 0x00]);
        AssertReads(-32768L, [0x00, 0x80]);
        AssertReads(long.MinValue, [0, 0, 0, 0, 0, 0, 0, 0x80]);
        AssertReads(400L, [0x90, 1, 0, 0, 0, 0, 0, 0, 0]);
        AssertReads(-2L, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.IsType<PickleLargeInteger>(PickleReader.Read("p", [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, (byte)'.']));
        Assert.IsType<PickleLargeInteger>(PickleReader.Read("p", [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte)'.']));

        static void AssertReads(long expected, byte[] bytes) =>
            Assert.Equal(expected, PickleReader.Read("p", [0x8A, (byte)bytes.Length, .. bytes, (byte)'.']));
    }

    [Fact]
    public void AMarkedValueIsOutOfReachOfWhatFollowsTheMark()
    {
        byte[] pickle = [(byte)'N', (byte)'(', 0x85, (byte)'.'];

        Assert.Contains("empty stack", Refused(pickle), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(ios\nsystem\n.", "opcode 0x69 creates an object of any class")]
    [InlineData("cos\nsystem\n.", "'os.system', which a state dict does not need; nothing was run")]
    [InlineData("cbuiltins\neval\n(tR.", "'builtins.eval'")]
    [InlineData("ctorch\nFloatStorage\n)R.", "'torch.FloatStorage' is given arguments")]
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.", "'collections.OrderedDict' is given arguments")]
    [InlineData("ccollections\nOrderedDict\n)R}X\u0001\0\0\0aK\u0001sb.", "BUILD sets attributes")]
    [InlineData("}}b.", "BUILD sets attributes")]
    [InlineData("Pa\n.", "opcode 0x50")]
    public void NothingButAStateDictIsBuilt(string pickle, string offence) =>
        Assert.Contains(offence, Refused(Encoding.Latin1.GetBytes(pickle)), StringComparison.Ordinal);

    [Fact]
    public void TheNumberOfOpcodesIsBounded()
    {
        byte[] pickle = new byte[8_000_001];
        for (int i = 0; i < pickle.Length - 1; i += 2)
            (pickle[i], pickle[i + 1]) = ((byte)'N', (byte)'0');

        Assert.Contains("opcodes", Refused(pickle), StringComparison.Ordinal);
    }

    /// <summary>PyTorch writes 64-bit sizes for what is beyond 4 GiB; here the same fields are made to say little.</summary>
    [Fact]
    public void SixtyFourBitSizesAreRead()
    {
        string path = _folder.Write("wide.zip", Zip64("a/b", [1, 2, 3]));
        using var file = FileMapping.Open(path);

        ZipRecord record = ZipIndex.Read(path, file).Records["a/b"];

        Assert.Equal([1, 2, 3], file.Copy(record.Start, (int)record.Length));
    }

    private static byte[] Zip64(string name, byte[] data)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        writer.Write(0x04034b50);
        writer.Write(new byte[22]);
        writer.Write((ushort)nameBytes.Length);
        writer.Write((ushort)0);
        writer.Write(nameBytes);
        writer.Write(data);

        long directory = stream.Length;
        writer.Write(0x02014b50);
        writer.Write(new byte[16]);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)nameBytes.Length);
        writer.Write((ushort)28);
        writer.Write(new byte[10]);
        writer.Write(uint.MaxValue);
        writer.Write(nameBytes);
        writer.Write((ushort)1);
        writer.Write((ushort)24);
        writer.Write((long)data.Length);
        writer.Write((long)data.Length);
        writer.Write(0L);

        long end = stream.Length;
        writer.Write(0x06064b50);
        writer.Write(new byte[28]);
        writer.Write(1L);
        writer.Write(end - directory);
        writer.Write(directory);
        writer.Write(0x07064b50);
        writer.Write(0);
        writer.Write(end);
        writer.Write(1);
        writer.Write(0x06054b50);
        writer.Write(0);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)0);
        return stream.ToArray();
    }

    private static PyTorchFile Golden(string name) => PyTorchFile.Open(LoaderManifest.PathOf($"bin/valid/{name}.bin"));

    private static string Refused(byte[] pickle) => Assert.Throws<InvalidDataException>(() => PickleReader.Read("p", pickle)).Message;
}
