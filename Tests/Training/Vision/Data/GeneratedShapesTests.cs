using SpikeEngine.Training;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

public class GeneratedShapesTests
{
    [Fact]
    public void A_seed_has_the_same_images_whatever_the_count()
    {
        ImageSet set = GeneratedShapes.Create(60, seed: 1);
        Assert.Equal((60, 1, 8, 8, 6), (set.Count, set.Channels, set.Height, set.Width, set.Classes));
        Assert.Equal(set.Key, GeneratedShapes.Create(60, seed: 1).Key);
        Assert.Equal(set.Slice(0, 7).Key, GeneratedShapes.Create(7, seed: 1).Key);
        Assert.NotEqual(set.Key, GeneratedShapes.Create(60, seed: 2).Key);
        Assert.All(set.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(10, pair.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedShapes.Create(0, seed: 1));
    }

    [Fact]
    public void A_shape_is_bright_and_what_is_around_it_is_not()
    {
        ImageSet set = GeneratedShapes.Create(6, seed: 1);
        int[] bright = [.. Enumerable.Range(0, 6).Select(i => set.Image(i).ToArray().Count(value => value >= 160))];
        Assert.Equal([5, 5, 9, 9, 16, 21], bright);
        Assert.DoesNotContain(set.Pixels.ToArray(), value => value is >= 96 and < 160);
    }

    [Fact]
    public void A_small_convolutional_network_learns_them()
    {
        (ImageSet train, ImageSet heldOut) = GeneratedShapes.Create(900, seed: 1).Split(1 / 3.0, seed: 1);
        var store = ParameterStore.Random(1);
        Conv2d first = new(store.Root / "first", 1, 8, 3, padding: 1), second = new(store.Root / "second", 8, 16, 3, padding: 1);
        Linear readout = new(store.Root / "readout", 16, train.Classes);
        AdamW optimizer = new(store);
        ImageBatches batches = new(train, 32, seed: 1, new ImageAugmentation { Flip = true });
        for (int step = 0; step < 150; step++)
        {
            using Workspace.Scope scope = new Workspace().Open();
            using Tape tape = Tape.Begin();
            ImageBatch batch = batches.Next();
            store.ZeroGrad();
            tape.Backward(Ops.CrossEntropy(Logits(batch.Images), batch.Labels));
            optimizer.Step(0.01f);
        }

        ImageBatch seen = ImageBatches.Of(heldOut, 0, heldOut.Count);
        float[][] logits = [.. Logits(seen.Images).Values.ToArray().Chunk(train.Classes)];
        int right = Enumerable.Range(0, seen.Count).Count(i => Array.IndexOf(logits[i], logits[i].Max()) == seen.Labels.Span[i]);
        Assert.InRange(right, 0.95 * seen.Count, seen.Count);

        Tensor Logits(Tensor images)
        {
            Tensor x = Ops.MaxPool2d(Ops.Relu(first.Forward(images)), 2);
            x = Ops.MaxPool2d(Ops.Relu(second.Forward(x)), 4);
            return readout.Forward(x.Reshape(-1, 16));
        }
    }
}
