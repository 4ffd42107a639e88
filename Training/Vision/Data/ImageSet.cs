using System.Globalization;
using System.IO.Hashing;
using System.Text;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Vision;

/// <summary>Labelled images of one size as bytes: a quarter of the memory of floats, and exactly what the files hold.</summary>
public sealed class ImageSet
{
    /// <summary>Most classes there can be: a label is a byte.</summary>
    public const int MostClasses = 256;

    private string? _key;

    /// <summary>A set of images; nothing is copied, and what is given must not change from now on.</summary>
    /// <param name="pixels">[count, channels, height, width]</param>
    /// <param name="labels">[count], each below <paramref name="classes"/>.</param>
    /// <param name="channels">C: 1 for grey, 3 for red, green and blue.</param>
    /// <param name="height">H</param>
    /// <param name="width">W</param>
    /// <param name="classes">Number of classes, at most <see cref="MostClasses"/>.</param>
    /// <param name="fullScale">Value of a full-bright byte.</param>
    /// <param name="classNames">A name for each class; none when null.</param>
    /// <exception cref="ArgumentException">Lengths do not fit each other, there is no image, or a label is not below the number of classes.</exception>
    public ImageSet(
        ReadOnlyMemory<byte> pixels,
        ReadOnlyMemory<byte> labels,
        int channels,
        int height,
        int width,
        int classes,
        float fullScale = byte.MaxValue,
        IReadOnlyList<string>? classNames = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, MostClasses);
        if (!(fullScale > 0 && float.IsFinite(fullScale)))
            throw new ArgumentOutOfRangeException(nameof(fullScale), fullScale, "The value of a full-bright byte must be positive and finite.");
        if (labels.IsEmpty)
            throw new ArgumentException("There are no labels; a set has at least one image.", nameof(labels));
        UInt128 wanted = (UInt128)labels.Length * (uint)channels * (uint)height * (uint)width;
        if (wanted != (UInt128)pixels.Length)
        {
            throw new ArgumentException(
                $"{labels.Length} images of [{channels}, {height}, {width}] have {wanted} bytes, {pixels.Length} were given.", nameof(pixels));
        }

        if (labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1)) is var wrong and >= 0)
            throw new ArgumentException($"The label of image {wrong} is {labels.Span[wrong]}; there are {classes} classes.", nameof(labels));
        if (classNames is not null && classNames.Count != classes)
            throw new ArgumentException($"{classNames.Count} names were given for {classes} classes.", nameof(classNames));
        (Pixels, Labels, Channels, Height, Width) = (pixels, labels, channels, height, width);
        (Classes, FullScale, ClassNames) = (classes, fullScale, classNames is null ? null : [.. classNames]);
    }

    /// <summary>Number of images, at least 1.</summary>
    public int Count => Labels.Length;

    /// <summary>C: 1 for grey, 3 for red, green and blue.</summary>
    public int Channels { get; }

    /// <summary>H</summary>
    public int Height { get; }

    /// <summary>W</summary>
    public int Width { get; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Value of a full-bright byte: 255, or 16 in optdigits.</summary>
    public float FullScale { get; }

    /// <summary>A name for each class; <see langword="null"/> where the data say none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>[count, C, H, W]</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>[count]</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    /// <summary>Stands for everything that a model could see: other images, labels, sizes or scale have another key.</summary>
    public string Key => _key ??= ComputeKey();

    /// <summary>Bytes of one image.</summary>
    internal int ImageBytes => Channels * Height * Width;

    /// <summary>The pixels of one image, [C, H, W].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<byte> Image(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Pixels.Span.Slice(index * ImageBytes, ImageBytes);
    }

    /// <summary>Some of the images, in the order asked for.</summary>
    /// <param name="indices">Which ones; an image may come more than once.</param>
    /// <exception cref="ArgumentException">None is asked for, or they have more bytes than an array can.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ImageSet Take(params ReadOnlySpan<int> indices)
    {
        if ((long)indices.Length * ImageBytes > Array.MaxLength)
            throw new ArgumentException($"{indices.Length} images of {ImageBytes} bytes are more than fit in one set.", nameof(indices));
        byte[] pixels = new byte[indices.Length * ImageBytes], labels = new byte[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            Image(indices[i]).CopyTo(pixels.AsSpan(i * ImageBytes));
            labels[i] = Labels.Span[indices[i]];
        }

        return With(pixels, labels);
    }

    /// <summary>Images [start, start + count); no copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the set, or there are none.</exception>
    public ImageSet Slice(int start, int count)
    {
        RequireRange(start, count);
        return With(Pixels.Slice(start * ImageBytes, count * ImageBytes), Labels.Slice(start, count));
    }

    /// <summary>Parts the images at random, each part in the order they have here; both have at least one.</summary>
    /// <param name="share">Share of the images to hold out, in (0, 1).</param>
    /// <param name="seed">Chooses them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in (0, 1).</exception>
    /// <exception cref="InvalidOperationException">There is only one image.</exception>
    public (ImageSet Train, ImageSet HeldOut) Split(double share, ulong seed)
    {
        if (share is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share to hold out must be in (0, 1).");
        if (Count < 2)
            throw new InvalidOperationException("A single image cannot be parted.");
        int[] order = new int[Count];
        KeyedPermutation permutation = new(new SeededRandom(seed, "held-out images").NextKey(), Count);
        for (int i = 0; i < order.Length; i++)
            order[i] = (int)permutation.At(i);
        int heldOut = Math.Clamp((int)Math.Round(share * Count), 1, Count - 1);
        order.AsSpan(0, heldOut).Sort();
        order.AsSpan(heldOut).Sort();
        return (Take(order.AsSpan(heldOut)), Take(order.AsSpan(0, heldOut)));
    }

    /// <exception cref="ArgumentOutOfRangeException">They are not within the set, or there are none.</exception>
    internal void RequireRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (count > Count - start)
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} images from {start} on are not within the {Count} there are.");
    }

    /// <summary>Other images of the same kind.</summary>
    private ImageSet With(ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels) =>
        new(pixels, labels, Channels, Height, Width, Classes, FullScale, ClassNames);

    private string ComputeKey()
    {
        XxHash128 hash = new();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"images-1\n{Count} {Channels} {Height} {Width} {Classes} {FullScale:R}\n")));
        hash.Append(Pixels.Span);
        hash.Append(Labels.Span);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
