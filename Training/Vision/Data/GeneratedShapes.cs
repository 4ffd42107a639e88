namespace SpikeEngine.Training.Vision;

/// <summary>
/// Images that need no file: six shapes of 5 x 5, bright and somewhere in a dim, noisy image of 8 x 8. A small convolutional network
/// learns them in seconds, and none changes its class when it is mirrored. Whole numbers throughout, so that a seed has the same images everywhere.
/// </summary>
public static class GeneratedShapes
{
    private const int Side = 8;
    private const int ShapeSide = 5;
    private const int Offsets = Side - ShapeSide + 1;
    private const int Dimmest = 160;     // of a shape
    private const int Brightest = 96;    // of the noise around it, exclusive
    private const int NumbersPerImage = Side * Side + 2;

    private static readonly (string Name, string Rows)[] s_shapes =
    [
        ("bar", "....." + "....." + "#####" + "....." + "....."),
        ("post", "..#.." + "..#.." + "..#.." + "..#.." + "..#.."),
        ("plus", "..#.." + "..#.." + "#####" + "..#.." + "..#.."),
        ("cross", "#...#" + ".#.#." + "..#.." + ".#.#." + "#...#"),
        ("frame", "#####" + "#...#" + "#...#" + "#...#" + "#####"),
        ("disc", ".###." + "#####" + "#####" + "#####" + ".###."),
    ];

    /// <summary>A set of images [1, 8, 8]; image i has class i modulo 6, and is the same whatever the count.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed of places, brightness and noise.</param>
    public static ImageSet Create(int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength / (Side * Side));
        byte[] pixels = new byte[count * Side * Side], labels = new byte[count];
        SeededRandom random = new(seed, "shapes");
        for (int i = 0; i < count; i++)
        {
            random.Position = (ulong)i * NumbersPerImage;
            labels[i] = (byte)(i % s_shapes.Length);
            Draw(s_shapes[labels[i]].Rows, random, pixels.AsSpan(i * Side * Side, Side * Side));
        }

        return new ImageSet(pixels, labels, channels: 1, Side, Side, s_shapes.Length, classNames: [.. s_shapes.Select(shape => shape.Name)]);
    }

    private static void Draw(string shape, SeededRandom random, Span<byte> image)
    {
        int top = random.NextInt(Offsets), left = random.NextInt(Offsets);
        for (int i = 0; i < image.Length; i++)
        {
            (int y, int x) = (i / Side - top, i % Side - left);
            bool isShape = y is >= 0 and < ShapeSide && x is >= 0 and < ShapeSide && shape[y * ShapeSide + x] == '#';
            image[i] = (byte)(isShape ? Dimmest + random.NextInt(byte.MaxValue + 1 - Dimmest) : random.NextInt(Brightest));
        }
    }
}
