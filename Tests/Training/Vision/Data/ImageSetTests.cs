using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

public class ImageSetTests
{
    [Fact]
    public void A_set_says_what_it_holds()
    {
        ImageSet set = new(new byte[2 * 3 * 4 * 5], new byte[] { 1, 0 }, 3, 4, 5, 2, 16, ["no", "yes"]);
        Assert.Equal((2, 3, 4, 5, 2, 16f), (set.Count, set.Channels, set.Height, set.Width, set.Classes, set.FullScale));
        Assert.Equal(["no", "yes"], set.ClassNames);
        Assert.Equal(60, set.Image(1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Image(2).Length);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        AssertRefused("2 images of [1, 3, 3] have 18 bytes, 17 were given", () => new ImageSet(new byte[17], new byte[2], 1, 3, 3, 2));
        AssertRefused("The label of image 1 is 2; there are 2 classes", () => new ImageSet(new byte[18], new byte[] { 1, 2 }, 1, 3, 3, 2));
        AssertRefused("1 names were given for 2 classes", () => new ImageSet(new byte[9], new byte[1], 1, 3, 3, 2, classNames: ["a"]));
        AssertRefused("at least one image", () => new ImageSet(default, default, 1, 3, 3, 2));
        AssertRefused("full-bright", () => new ImageSet(new byte[9], new byte[1], 1, 3, 3, 2, float.NaN));
        AssertRefused("channels", () => new ImageSet(new byte[9], new byte[1], 0, 3, 3, 2));
        AssertRefused("height", () => new ImageSet(new byte[9], new byte[1], 1, -3, 3, 2));
        AssertRefused("width", () => new ImageSet(new byte[9], new byte[1], 1, 3, 0, 2));
        AssertRefused("classes", () => new ImageSet(new byte[9], new byte[1], 1, 3, 3, 257));

        // In 32 bits the product is that of one pixel.
        AssertRefused("were given", () => new ImageSet(new byte[1], new byte[1], 65_537, 65_537 * 3, int.MaxValue, 2));
    }

    [Fact]
    public void Take_and_slice_keep_pixels_and_labels_together()
    {
        ImageSet set = ImageFixtures.Set(5, side: 1);
        ImageSet taken = set.Take(4, 0, 4), sliced = set.Slice(3, 2);
        Assert.Equal([5, 1, 5], taken.Pixels.ToArray());
        Assert.Equal([1, 0, 1], taken.Labels.ToArray());
        Assert.Equal([4, 5], sliced.Pixels.ToArray());
        Assert.Equal([0, 1], sliced.Labels.ToArray());
        Assert.Equal((set.Classes, set.FullScale), (taken.Classes, sliced.FullScale));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Take(5));
        Assert.Throws<ArgumentException>(() => set.Take());
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Slice(4, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Slice(-1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Slice(1, 0));
    }

    [Fact]
    public void A_split_has_every_image_once_and_depends_on_the_seed()
    {
        ImageSet set = ImageFixtures.Set(100, side: 1);
        (ImageSet train, ImageSet heldOut) = set.Split(0.25, seed: 1);
        Assert.Equal((75, 25), (train.Count, heldOut.Count));
        Assert.Equal(set.Pixels.ToArray(), train.Pixels.ToArray().Concat(heldOut.Pixels.ToArray()).Order());
        Assert.Equal(heldOut.Pixels.ToArray().Order(), heldOut.Pixels.ToArray());
        Assert.Equal(heldOut.Key, set.Split(0.25, seed: 1).HeldOut.Key);
        Assert.NotEqual(heldOut.Key, set.Split(0.25, seed: 2).HeldOut.Key);
    }

    [Fact]
    public void A_split_leaves_neither_part_empty()
    {
        ImageSet set = ImageFixtures.Set(2);
        Assert.Equal(1, set.Split(0.001, seed: 1).HeldOut.Count);
        Assert.Equal(1, set.Split(0.999, seed: 1).Train.Count);
        foreach (double share in new[] { 0, 1, -0.5, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => set.Split(share, seed: 1));
        Assert.Throws<InvalidOperationException>(() => ImageFixtures.Set(1).Split(0.5, seed: 1));
    }

    [Fact]
    public void A_key_stands_for_everything_a_model_sees()
    {
        byte[] pixels = [1, 2, 3, 4], labels = [0, 1];
        ImageSet[] sets =
        [
            new(pixels, labels, 1, 1, 2, 2),
            new(pixels, labels, 1, 2, 1, 2),
            new(pixels, labels, 2, 1, 1, 2),
            new(pixels, labels, 1, 1, 2, 3),
            new(pixels, labels, 1, 1, 2, 2, 16),
            new(new byte[] { 1, 2, 3, 5 }, labels, 1, 1, 2, 2),
            new(pixels, new byte[] { 1, 0 }, 1, 1, 2, 2),
        ];
        Assert.Equal(sets.Length, sets.Select(set => set.Key).Distinct().Count());
        Assert.Equal(sets[0].Key, new ImageSet(pixels, labels, 1, 1, 2, 2, classNames: ["a", "b"]).Key);
    }

    private static void AssertRefused(string what, Func<ImageSet> make) =>
        Assert.Contains(what, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
}
