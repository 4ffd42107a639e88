namespace SpikeEngine.Training.Vision;

/// <summary>Writes images as floats. Bytes have 256 values, so the normalisation is a table; black beside an image is what the byte 0 becomes.</summary>
/// <param name="set">The images.</param>
/// <param name="normalization">What bytes become.</param>
internal sealed class ImageWriter(ImageSet set, ImageNormalization normalization)
{
    // Bytes in a piece of work: some microseconds.
    private const int Grain = 16_384;

    private readonly float[] _table = normalization.Table(set);

    /// <summary>Fills a batch.</summary>
    /// <param name="images">[indices, C, H, W]</param>
    /// <param name="indices">Which image comes where.</param>
    /// <param name="placements">How it is seen; empty when all are as they are.</param>
    public void Write(Tensor images, ReadOnlyMemory<int> indices, ReadOnlyMemory<ImagePlacement> placements) => RowParallel.For(
        indices.Length, Math.Max(1, Grain / set.ImageBytes), (writer: this, values: images.ValueMemory, indices, placements, set.ImageBytes),
        static (s, start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                ImagePlacement placement = s.placements.IsEmpty ? default : s.placements.Span[i];
                s.writer.Write(s.indices.Span[i], placement, s.values.Span.Slice(i * s.ImageBytes, s.ImageBytes));
            }
        });

    /// <summary>Writes one image, [C, H, W].</summary>
    private void Write(int index, ImagePlacement placement, Span<float> values)
    {
        (int height, int width) = (set.Height, set.Width);
        ReadOnlySpan<byte> image = set.Image(index);
        for (int row = 0; row < set.Channels * height; row++)
        {
            (int channel, int y) = Math.DivRem(row, height);
            ReadOnlySpan<float> table = _table.AsSpan(channel * (byte.MaxValue + 1), byte.MaxValue + 1);
            int from = y + placement.Top;
            ReadOnlySpan<byte> pixels = (uint)from < (uint)height ? image.Slice((channel * height + from) * width, width) : [];
            WriteRow(pixels, placement, table, values.Slice(row * width, width));
        }
    }

    private static void WriteRow(ReadOnlySpan<byte> pixels, ImagePlacement placement, ReadOnlySpan<float> table, Span<float> values)
    {
        values.Fill(table[0]);
        int first = Math.Max(0, -placement.Left), end = Math.Min(values.Length, pixels.Length - placement.Left);
        for (int x = first; x < end; x++)
            values[x] = table[pixels[x + placement.Left]];
        if (placement.Mirrored)
            values.Reverse();
    }
}
