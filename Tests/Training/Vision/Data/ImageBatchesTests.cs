using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

public class ImageBatchesTests
{
    private static readonly ImageSet s_set = ImageFixtures.Set(10, fullScale: 1);
    private static readonly ImageAugmentation s_both = new() { Crop = 1, Flip = true };

    [Fact]
    public void A_batch_has_the_images_and_labels_it_says()
    {
        ImageBatches batches = new(s_set, 4, seed: 1);
        ImageBatch batch = batches.Next();
        Assert.Equal((4, 4, 3), (batch.Count, batches.ImagesPerBatch, batches.BatchesPerEpoch));
        Assert.Equal(new Shape(4, 1, 3, 3), batch.Images.Shape);
        for (int i = 0; i < 4; i++)
        {
            int index = batch.Indices.Span[i];
            Assert.Equal(s_set.Labels.Span[index], batch.Labels.Span[i]);
            Assert.Equal(s_set.Image(index).ToArray().Select(value => (float)value), batch.Images.SliceRows(i, 1).Values.ToArray());
        }
    }

    [Fact]
    public void An_epoch_has_every_image_once_and_the_next_fills_its_last_batch()
    {
        ImageBatches batches = new(s_set, 4, seed: 1);
        int[] indices = [.. Enumerable.Range(0, 5).SelectMany(_ => batches.Next().Indices.ToArray())];
        Assert.Equal(Enumerable.Range(0, 10), indices[..10].Order());
        Assert.Equal(Enumerable.Range(0, 10), indices[10..].Order());
        Assert.NotEqual(indices[..10], indices[10..]);
        Assert.Equal(1, batches.Epoch);
        batches.Next();
        Assert.Equal(2, batches.Epoch);
    }

    [Fact]
    public void A_batch_may_have_more_images_than_there_are()
    {
        ImageBatch batch = new ImageBatches(s_set, 25, seed: 1).Next();
        Assert.Equal(25, batch.Count);
        Assert.All(batch.Indices.ToArray().CountBy(index => index), pair => Assert.InRange(pair.Value, 2, 3));
    }

    [Fact]
    public void A_seed_repeats_everything()
    {
        Assert.Equal(Draw(1, 4), Draw(1, 4));
        Assert.NotEqual(Draw(1, 4), Draw(2, 4));
        Assert.NotEqual(Draw(1, 4)[0], Draw(1, 4)[10]);
    }

    [Fact]
    public void Changes_depend_neither_on_threads_nor_on_the_size_of_a_batch()
    {
        // Large enough for several pieces of work.
        ImageSet set = ImageFixtures.Set(40, channels: 3, side: 32);
        float[][] one = Lanes.WithThreads(1, () => Draw(set, 1, 20));
        foreach (int threads in new[] { 2, 3 })
            Assert.Equal(one, Lanes.WithThreads(threads, () => Draw(set, 1, 20)));
        Assert.Equal(one, Draw(set, 1, 5));
        Assert.Equal(one, Draw(set, 1, 1));
        Assert.Equal(one, Draw(set, 1, 120));
    }

    [Fact]
    public void All_crops_and_both_sides_occur_and_nothing_else()
    {
        ImageSet set = ImageFixtures.Set(1, fullScale: 1);
        string[] wanted = [.. Enumerable.Range(0, 18).Select(i => Naive(set, i / 2 / 3, i / 2 % 3, i % 2 == 1))];
        Assert.Equal(18, wanted.Distinct().Count());

        ImageBatches batches = new(set, 720, seed: 1, s_both);
        string[] found = [.. batches.Next().Images.Values.ToArray().Chunk(9).Select(image => string.Join(' ', image))];
        Assert.Equal(wanted.Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
        Assert.All(found.CountBy(image => image), pair => Assert.InRange(pair.Value, 15, 75));   // 40 expected
    }

    [Fact]
    public void Crop_and_flip_are_apart()
    {
        ImageSet set = ImageFixtures.Set(1, fullScale: 1);
        Assert.Equal(2, Kinds(new ImageAugmentation { Flip = true }));
        Assert.Equal(9, Kinds(new ImageAugmentation { Crop = 1 }));
        Assert.Equal(1, Kinds(ImageAugmentation.None));

        int Kinds(ImageAugmentation augmentation) => new ImageBatches(set, 300, seed: 1, augmentation).Next()
            .Images.Values.ToArray().Chunk(9).Select(image => string.Join(' ', image)).Distinct().Count();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(17)]
    public void A_restored_position_goes_on_as_if_never_stopped(int before)
    {
        ImageBatches whole = New(), first = New(), second = New();
        for (int i = 0; i < before; i++)
        {
            whole.Next();
            first.Next();
        }

        SavedState saved = SavedState.Of(first);
        second.Next();
        saved.Restore(second);

        Assert.Equal(whole.Epoch, second.Epoch);
        for (int i = 0; i < 12; i++)
        {
            (ImageBatch a, ImageBatch b) = (whole.Next(), second.Next());
            Assert.Equal(a.Labels.ToArray(), b.Labels.ToArray());
            Assert.Equal(a.Images.Values.ToArray(), b.Images.Values.ToArray());
        }

        static ImageBatches New() => new(s_set, 4, seed: 3, s_both);
    }

    [Fact]
    public void A_position_belongs_to_its_images_seed_and_changes()
    {
        SavedState saved = SavedState.Of(new ImageBatches(s_set, 4, seed: 3, s_both));
        foreach ((ImageBatches other, string what) in new[]
        {
            (new ImageBatches(s_set.Slice(0, 9), 4, seed: 3, s_both), "data is"),
            (new ImageBatches(s_set, 4, seed: 4, s_both), "seed is '3'"),
            (new ImageBatches(s_set, 4, seed: 3), "augmentation is 'crop 1, flip'"),
            (new ImageBatches(s_set, 4, seed: 3, s_both, new ImageNormalization([0f], [2f])), "normalization is 'mean [0], std [1]'"),
        })
            Assert.Contains(what, Assert.Throws<InvalidDataException>(() => saved.Restore(other)).Message, StringComparison.Ordinal);
        saved.Restore(new ImageBatches(s_set, 5, seed: 3, s_both));
    }

    [Fact]
    public void A_position_that_cannot_be_is_refused()
    {
        foreach ((string name, long value) in new[] { ("epoch", -1L), ("epoch", long.MaxValue), ("image", 11L), ("image", -1L) })
        {
            SavedState saved = SavedState.Of(new ImageBatches(s_set, 4, seed: 3));
            saved.Values[name] = value;
            Assert.Throws<InvalidDataException>(() => saved.Restore(new ImageBatches(s_set, 4, seed: 3)));
        }
    }

    [Fact]
    public void Evaluation_sees_images_in_order_and_unchanged()
    {
        ImageBatch batch = ImageBatches.Of(s_set, 7, 3, new ImageNormalization([1f], [2f]));
        Assert.Equal([7, 8, 9], batch.Indices.ToArray());
        Assert.Equal([1, 2, 0], batch.Labels.ToArray());
        Assert.Equal(s_set.Pixels.ToArray()[(7 * 9)..].Select(value => (value - 1f) / 2f), batch.Images.Values.ToArray());
        Assert.Equal(1f, ImageBatches.Of(s_set, 0, 1).Images.Values[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageBatches.Of(s_set, 8, 3));
    }

    [Fact]
    public void Images_live_in_the_workspace_of_the_step()
    {
        ImageBatches batches = new(s_set, 4, seed: 1);
        Tensor images;
        using (new Workspace().Open())
            images = batches.Next().Images;
        Assert.Throws<InvalidOperationException>(() => images.Values.Length);
    }

    [Fact]
    public void Sizes_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageBatches(s_set, 0, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageBatches(s_set, int.MaxValue, seed: 1));
        Assert.Throws<ArgumentException>(() => new ImageBatches(s_set, 4, seed: 1, ImageAugmentation.Cifar));
        Assert.Throws<ArgumentException>(() => new ImageBatches(s_set, 4, seed: 1, normalization: ImageNormalization.Cifar));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageAugmentation { Crop = -1 });
    }

    /// <summary>A window of the padded image, as in the order of torchvision: pad by 1, cut, mirror.</summary>
    private static string Naive(ImageSet set, int top, int left, bool mirrored)
    {
        byte[,] padded = new byte[5, 5];
        for (int i = 0; i < 9; i++)
            padded[1 + i / 3, 1 + i % 3] = set.Image(0)[i];
        return string.Join(' ', Enumerable.Range(0, 9).Select(i => padded[top + i / 3, left + (mirrored ? 2 - i % 3 : i % 3)]));
    }

    private static float[][] Draw(ulong seed, int imagesPerBatch) => Draw(s_set, seed, imagesPerBatch);

    /// <summary>The images of three epochs, each in its own array.</summary>
    private static float[][] Draw(ImageSet set, ulong seed, int imagesPerBatch)
    {
        ImageBatches batches = new(set, imagesPerBatch, seed, s_both);
        List<float[]> images = [];
        while (images.Count < 3 * set.Count)
            images.AddRange(batches.Next().Images.Values.ToArray().Chunk(set.Image(0).Length));
        return [.. images.Take(3 * set.Count)];
    }
}
