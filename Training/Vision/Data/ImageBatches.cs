using System.Globalization;
using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// Draws training batches of images. Each epoch visits every image once, in a new pseudorandom order; a batch at the end of one epoch is
/// filled up from the next, so that all have the same size and none is left out. How an image is changed depends on seed, epoch and image
/// alone, not on threads or on the size of a batch, and the position is two numbers.
/// </summary>
public sealed class ImageBatches : ITrainingState
{
    private const int NumbersPerEpoch = 2;   // the key of the order and that of the changes

    private readonly ImageSet _set;
    private readonly ulong _seed;
    private readonly ImageAugmentation _augmentation;
    private readonly ImageNormalization _normalization;
    private readonly ImageWriter _writer;
    private readonly SeededRandom _random;
    private readonly ImagePlacement[] _placements;
    private KeyedPermutation _order;
    private RandomKey _changes;
    private long _epoch;
    private long _image;

    /// <summary>Batches of <paramref name="imagesPerBatch"/> images.</summary>
    /// <param name="set">The images.</param>
    /// <param name="imagesPerBatch">N</param>
    /// <param name="seed">Seed of the order and of the changes.</param>
    /// <param name="augmentation">How images vary; not at all when null.</param>
    /// <param name="normalization">From bytes to values; from 0 to 1 when null.</param>
    /// <exception cref="ArgumentException">
    /// The crop could leave nothing of an image, the normalization is for other channels, or a batch has 2^31 values or more.
    /// </exception>
    public ImageBatches(
        ImageSet set, int imagesPerBatch, ulong seed, ImageAugmentation? augmentation = null, ImageNormalization? normalization = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imagesPerBatch);
        _ = new Shape(imagesPerBatch, set.Channels, set.Height, set.Width);
        (_set, _seed, ImagesPerBatch) = (set, seed, imagesPerBatch);
        (_augmentation, _normalization) = (augmentation ?? ImageAugmentation.None, normalization ?? ImageNormalization.None);
        if (_augmentation.Crop >= Math.Min(set.Height, set.Width))
        {
            throw new ArgumentException(
                $"A crop of {_augmentation.Crop} can leave nothing of an image of {set.Height} x {set.Width}.", nameof(augmentation));
        }

        _writer = new ImageWriter(set, _normalization);
        _random = new SeededRandom(seed, "images");
        _placements = new ImagePlacement[imagesPerBatch];
        BeginEpoch();
    }

    /// <summary>N, the images of a batch.</summary>
    public int ImagesPerBatch { get; }

    /// <summary>Batches until every image has been seen; the last of them may have some of the next epoch.</summary>
    public int BatchesPerEpoch => (int)(((long)_set.Count + ImagesPerBatch - 1) / ImagesPerBatch);

    /// <summary>How many epochs were begun before the current one.</summary>
    public long Epoch => _epoch;

    /// <summary>Images [start, start + count) as they are, for evaluation.</summary>
    /// <param name="set">The images.</param>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="normalization">From bytes to values; from 0 to 1 when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the set, or there are none.</exception>
    /// <exception cref="ArgumentException">The normalization is for other channels.</exception>
    public static ImageBatch Of(ImageSet set, int start, int count, ImageNormalization? normalization = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        set.RequireRange(start, count);
        int[] indices = new int[count];
        for (int i = 0; i < count; i++)
            indices[i] = start + i;
        return Batch(set, indices, new ImageWriter(set, normalization ?? ImageNormalization.None), placements: default);
    }

    /// <summary>The next batch, in the current <see cref="Workspace"/>.</summary>
    public ImageBatch Next()
    {
        int[] indices = new int[ImagesPerBatch];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = NextImage();
            _placements[i] = _augmentation.Draw(new RandomKey(_changes.At((ulong)indices[i])));
        }

        return Batch(_set, indices, _writer, _placements);
    }

    /// <summary>Names the position, and what it is a position in.</summary>
    /// <exception cref="InvalidDataException">What is restored belongs to other images, another seed or other changes.</exception>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("data", _set.Key);
        state.Same("seed", _seed.ToString(CultureInfo.InvariantCulture));
        string flip = _augmentation.Flip ? "flip" : "no flip";
        state.Same("augmentation", string.Create(CultureInfo.InvariantCulture, $"crop {_augmentation.Crop}, {flip}"));
        state.Same("normalization", _normalization.ToString());

        long epoch = _epoch, image = _image;
        state.Number("epoch", ref epoch);
        state.Number("image", ref image);
        if (epoch is < 0 or > long.MaxValue / NumbersPerEpoch)
            throw new InvalidDataException($"A position in the images cannot be in epoch {epoch}.");
        if (image < 0 || image > _set.Count)
            throw new InvalidDataException($"An epoch has {_set.Count} images; a position cannot be at image {image}.");
        if (epoch != _epoch)
        {
            _epoch = epoch;
            BeginEpoch();
        }

        _image = image;
    }

    private static ImageBatch Batch(ImageSet set, int[] indices, ImageWriter writer, ReadOnlyMemory<ImagePlacement> placements)
    {
        Tensor images = new(indices.Length, set.Channels, set.Height, set.Width);
        writer.Write(images, indices, placements);
        int[] labels = new int[indices.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = set.Labels.Span[indices[i]];
        return new ImageBatch(images, labels, indices);
    }

    private int NextImage()
    {
        if (_image == _order.Count)
        {
            _epoch++;
            BeginEpoch();
        }

        return (int)_order.At(_image++);
    }

    /// <summary>Order and changes follow from the epoch alone, so that an epoch can be entered anywhere.</summary>
    private void BeginEpoch()
    {
        _random.Position = (ulong)_epoch * NumbersPerEpoch;
        _order = new KeyedPermutation(_random.NextKey(), _set.Count);
        _changes = _random.NextKey();
        _image = 0;
    }
}
