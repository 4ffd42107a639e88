using SpikeEngine.Model.Vision;
using SpikeEngine.Tests.Reference;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

[Collection(Lanes.Name)]
public sealed class ImageTrainingTests
{
    private static readonly ImageSet s_train = GeneratedShapes.Create(600, seed: 1), s_heldOut = GeneratedShapes.Create(300, seed: 2);
    private static readonly TrainerOptions s_options = new() { Steps = 120, LearningRate = 5e-3f, ClipNorm = 5f };

    [Theory]
    [InlineData(ImageMethod.Ann)]
    [InlineData(ImageMethod.Snn2Ann)]
    [InlineData(ImageMethod.Bptt)]
    public void Every_way_to_train_learns_shapes(ImageMethod method)
    {
        ImageNetwork network = Network(method);
        Train(network, method, s_options);
        ImageScore score = method == ImageMethod.Ann ? ImageEvaluation.OfAnn(network, s_heldOut) : ImageEvaluation.OfSpikes(network, s_heldOut);
        Assert.InRange(score.Accuracy, 85, 100);
        if (method == ImageMethod.Snn2Ann)
            Assert.InRange(ImageEvaluation.OfMapped(network, s_heldOut, MappingUnit.Resu).Accuracy, 85, 100);
        if (method != ImageMethod.Ann)
            Assert.InRange(score.Rates!.Mean, 0.01, 0.9);
    }

    [Fact]
    public void A_converted_network_comes_near_its_ann_with_many_steps()
    {
        ImageNetwork ann = Network(ImageMethod.Ann);
        Train(ann, ImageMethod.Ann, s_options);
        double dense = ImageEvaluation.OfAnn(ann, s_heldOut).Accuracy;
        double few = ImageEvaluation.OfSpikes(ThresholdBalancing.Convert(ann, s_train, steps: 1), s_heldOut).Accuracy;
        double many = ImageEvaluation.OfSpikes(ThresholdBalancing.Convert(ann, s_train, steps: 64), s_heldOut).Accuracy;
        Assert.InRange(many, dense - 5, 100);
        Assert.True(many > few, $"{many} with 64 steps, {few} with one");
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdBalancing.Convert(ann, s_train, steps: 4, percentile: 0));
    }

    [Theory]
    [InlineData(ImagePooling.Average)]
    [InlineData(ImagePooling.Max)]
    public void Rates_of_a_converted_network_are_activations_over_thresholds(ImagePooling pooling)
    {
        ImageNetwork ann = Network(ImageMethod.Ann, pooling);
        Train(ann, ImageMethod.Ann, s_options with { Steps = 30 });
        ImageNetwork spiking = ThresholdBalancing.Convert(ann, s_train, steps: 200, percentile: 1);
        ImageBatch batch = ImageBatches.Of(s_heldOut, 0, 8);
        float[] expected = Logits(ann.Forward(batch.Images)), actual = Logits(spiking.SpikingLogits(spiking.CountSpikes(batch.Images)[^1]));
        double scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.1 * scale));

        static float[] Logits(Tensor logits) => logits.ToArray();
    }

    [Theory]
    [InlineData(ImageMethod.Snn2Ann)]
    [InlineData(ImageMethod.Bptt)]
    public void A_run_that_is_resumed_has_the_bits_of_one_that_was_not(ImageMethod method)
    {
        using TemporaryFolder folder = new();
        ImageNetwork whole = Network(method), first = Network(method), second = Network(method);
        Train(whole, method, s_options with { Steps = 12 });
        using (CheckpointFolder checkpoints = new(folder.Path, TrainedModel.Of(first)))
        {
            using CancellationTokenSource stop = new();
            Trainer trainer = Trainer(first, method, s_options with { Steps = 12 }, checkpoints);
            trainer.Run(new StopAt(5, stop), stop.Token);
        }

        using (CheckpointFolder checkpoints = new(folder.Path, TrainedModel.Of(second)))
        {
            Trainer trainer = Trainer(second, method, s_options with { Steps = 12 }, checkpoints);
            Assert.True(trainer.Resume());
            trainer.Run();
        }

        foreach (Parameter parameter in whole.Parameters())
            Assert.True(parameter.Values.SequenceEqual(second.Store[parameter.Path].Values), parameter.Path);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused_by_the_name_of_what_differs()
    {
        using TemporaryFolder folder = new();
        ImageNetwork network = Network(ImageMethod.Snn2Ann);
        using (CheckpointFolder checkpoints = new(folder.Path, TrainedModel.Of(network)))
            Trainer(network, ImageMethod.Snn2Ann, s_options with { Steps = 1 }, checkpoints).Run();
        ImageNetwork other = new(network.Config with { TimeSteps = 7 }, ParameterStore.Random(1));
        using CheckpointFolder again = new(folder.Path, TrainedModel.Of(other));
        Assert.Contains("time_steps", Assert.Throws<InvalidDataException>(() => Trainer(other, ImageMethod.Snn2Ann, s_options, again).Resume()).Message, StringComparison.Ordinal);
    }

    [SharedImagesTheory]
    [InlineData("optdigits/optdigits.tra")]
    public void Handwritten_digits_are_told_apart_by_spikes(string file)
    {
        (ImageSet train, ImageSet heldOut) = ImageSources.Split(ImageFiles.Read(Path.Combine(SharedImagesTheoryAttribute.Folder!, file)), 0.2);
        ImageNetwork network = new(new NetworkSettings { Shape = "vgg-tiny" }.ToConfig(train, ImageNormalization.None, ImageMethod.Snn2Ann), ParameterStore.Random(1));
        new Trainer(
            s_options with { Steps = 1000 }, new ImageObjective(network, new ImageBatches(train, 32, seed: 3), ImageMethod.Snn2Ann), new AdamW(network.Store, new AdamWOptions())).Run();
        Assert.InRange(ImageEvaluation.OfSpikes(network, heldOut).Accuracy, 93, 100);
    }

    private static ImageNetwork Network(ImageMethod method, ImagePooling pooling = ImagePooling.Max) => new(
        new NetworkSettings { Shape = "vgg-tiny", Pooling = pooling, MembraneDropout = 0.2, Dropout = 0.1 }.ToConfig(s_train, ImageNormalization.None, method), ParameterStore.Random(1));

    private static void Train(ImageNetwork network, ImageMethod method, TrainerOptions options) => Trainer(network, method, options, checkpoints: null).Run();

    private static Trainer Trainer(ImageNetwork network, ImageMethod method, TrainerOptions options, CheckpointFolder? checkpoints) =>
        new(options, new ImageObjective(network, new ImageBatches(s_train, 32, seed: 3), method), new AdamW(network.Store, new AdamWOptions())) { Checkpoints = checkpoints };

    private sealed class StopAt(long step, CancellationTokenSource stop) : ITrainingObserver
    {
        public void Stepped(TrainingProgress progress)
        {
            if (progress.Step == step)
                stop.Cancel();
        }
    }
}
