using System.Buffers.Binary;
using System.IO.Compression;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

/// <summary>Small sets and files of images.</summary>
internal static class ImageFixtures
{
    /// <summary>Image i has the bytes 1 + i, 2 + i ... and the class i modulo <paramref name="classes"/>.</summary>
    public static ImageSet Set(int count, int channels = 1, int side = 3, int classes = 3, float fullScale = 255)
    {
        int each = channels * side * side;
        byte[] pixels = [.. Enumerable.Range(0, count * each).Select(at => (byte)(1 + at / each + at % each))];
        byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];
        return new ImageSet(pixels, labels, channels, side, side, classes, fullScale);
    }

    public static byte[] Idx(uint magic, uint[] sizes, byte[] content)
    {
        byte[] bytes = new byte[(1 + sizes.Length) * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, magic);
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((1 + i) * sizeof(uint)), sizes[i]);
        return [.. bytes, .. content];
    }

    /// <summary>Records whose image has the number of the record in all bytes.</summary>
    public static byte[] Cifar(params byte[][] labels) =>
        [.. labels.SelectMany((bytes, record) => bytes.Concat(Enumerable.Repeat((byte)record, 3072)))];

    public static byte[] Packed(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
