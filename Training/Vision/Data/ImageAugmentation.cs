using SpikeEngine.Kernels;

namespace SpikeEngine.Training.Vision;

/// <summary>How images vary from epoch to epoch. Every change is drawn from a key of one image and one epoch.</summary>
public sealed record ImageAugmentation
{
    /// <summary>Images as they are.</summary>
    public static ImageAugmentation None { get; } = new();

    /// <summary>What SNN2ANN trains with on CIFAR: a crop of 4, and mirrored images.</summary>
    public static ImageAugmentation Cifar { get; } = new() { Crop = 4, Flip = true };

    /// <summary>Pixels of zeros put on each side, before a random window of the image's own size is cut out; 0 for no crop.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int Crop
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Whether every other image, at random, is mirrored from left to right.</summary>
    public bool Flip { get; init; }

    /// <summary>The change that a key stands for.</summary>
    internal ImagePlacement Draw(RandomKey key) => new(
        Top: Offset(key.At(0)),
        Left: Offset(key.At(1)),
        Mirrored: Flip && (long)key.At(2) < 0);

    /// <summary>Uniform in [-Crop, Crop].</summary>
    private int Offset(ulong bits) => (int)(((UInt128)bits * (2 * (ulong)Crop + 1)) >> 64) - Crop;
}
