using SpikeEngine.Model.Vision;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Vision;

[Collection(Lanes.Name)]
public class ImageNetworkTests
{
    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void Currents_of_all_steps_add_up_to_what_the_ann_gets_of_the_counts(string name)
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Of(name));
        ImageNetworkConfig config = network.Config;
        Tensor images = TinyImages.Images(config, 4);
        SpikingCurrents spiking = new(network, images.Shape[0]);
        network.Run(images, spiking);
        AnnCurrents ann = new(spiking.Counts);
        network.Run(images, ann);
        Assert.True(spiking.Counts[0].ToArray().Sum() > 0);
        for (int conv = 1; conv < network.Convolutions.Count; conv++)
            Same(ann.Seen[conv], spiking.Seen[conv]);

        // Residual sums: but for the first stage, whose identity carries the current of the image, the same in every step and T times the ANN's.
        Assert.Equal(name == "resnet" ? 3 : 0, ann.Added.Count);
        if (name == "resnet")
            Same(ann.Added[2], spiking.Added[2]);

        static void Same(float[] expected, float[] steps)
        {
            float[] sums = new float[expected.Length];
            for (int i = 0; i < steps.Length; i++)
                sums[i % sums.Length] += steps[i];
            for (int i = 0; i < sums.Length; i++)
                Assert.Equal(expected[i], sums[i], 2e-5f * (1 + Math.Abs(sums[i])));
        }
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void A_batch_in_pieces_and_on_any_number_of_threads_is_the_same(string name)
    {
        ImageNetworkConfig config = TinyImages.Of(name) with { MembraneDropout = 0.5f };
        Tensor images = TinyImages.Images(config, 19);
        float[][] many = Count(threads: 3), one = Count(threads: 1);
        Assert.Equal(many, one);

        float[][] Count(int threads)
        {
            int before = RowParallel.Threads;
            RowParallel.Threads = threads;
            try
            {
                return [.. TinyImages.Network(config).CountSpikes(images, training: true).Select(counts => counts.ToArray())];
            }
            finally
            {
                RowParallel.Threads = before;
            }
        }
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void An_image_alone_spikes_as_among_others(string name)
    {
        foreach (int steps in (int[])[1, 3])
        {
            ImageNetwork network = TinyImages.Network(TinyImages.Of(name) with { TimeSteps = steps });
            Tensor images = TinyImages.Images(network.Config, 9);
            IReadOnlyList<Tensor> together = network.CountSpikes(images);
            for (int image = 0; image < 9; image++)
            {
                IReadOnlyList<Tensor> alone = network.CountSpikes(images.SliceRows(image, 1));
                for (int site = 0; site < alone.Count; site++)
                    Assert.Equal(together[site].Values.Slice(image * alone[site].Count, alone[site].Count).ToArray(), alone[site].ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void Training_through_all_steps_is_what_is_run_afterwards(string name)
    {
        foreach ((int steps, MembraneReset reset) in new[] { (1, MembraneReset.Hard), (3, MembraneReset.Hard), (3, MembraneReset.Soft) })
        {
            ImageNetwork network = TinyImages.Network(TinyImages.Of(name) with { TimeSteps = steps, Reset = reset, InitialThreshold = 0.4f, DividesBias = false });
            Tensor images = TinyImages.Images(network.Config, 6);
            float[] expected = network.ForwardSteps(images).ToArray(), actual = network.SpikingLogits(network.CountSpikes(images)[^1]).ToArray();

            // A norm that is folded in rounds otherwise, and a current within rounding of the threshold is rare.
            Assert.InRange(expected.Zip(actual).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-4f), 0, network.Config.Classes);
        }
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void Every_layer_adapts_once_while_a_tape_records_and_not_otherwise(string name)
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Of(name) with { InitialThreshold = 0.5f });
        Tensor images = TinyImages.Images(network.Config, 4);

        // Every unit that is off has spiked: all layers have noise but those that get a mean of spikes, whose units are then all on.
        Tensor[] counts = [.. network.Sites.Select(site => Tensor.Ones(4, site.Threshold.Shape[0], site.Threshold.Shape[1], site.Threshold.Shape[2]))];
        network.ForwardMapped(images, counts, MappingUnit.Stsu, out _);
        Assert.All(network.Sites, site => Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.5f, threshold)));
        using (Tape tape = Tape.Begin())
            network.ForwardMapped(images, counts, MappingUnit.Stsu, out _);
        Assert.All(network.Sites, site => Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(site.MeanOf is null ? 0.51f : 0.5f, threshold, 1e-6f)));
    }

    [Fact]
    public void Without_training_no_membrane_drops()
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Vgg);
        Tensor images = TinyImages.Images(network.Config, 3);
        float[] first = network.CountSpikes(images)[0].ToArray();
        Assert.Equal(first, network.CountSpikes(images)[0].ToArray());
        Assert.NotEqual(first, network.CountSpikes(images, training: true)[0].ToArray());
    }

    [Fact]
    public void Thresholds_rise_by_a_hundredth_while_there_is_much_noise_and_never_fall()
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Vgg with { InitialThreshold = 0.5f });
        SpikingSite site = network.Sites[^1];
        (int c, int h, int w) = (site.Threshold.Shape[0], site.Threshold.Shape[1], site.Threshold.Shape[2]);
        Tensor off = Tensor.Full(-1f, 1, c, h, w), counts = Tensor.Ones(1, c, h, w);

        // V_new = 0.5 + 0.1;  0.9 * 0.5 + 0.1 * 0.6 = 0.51.
        Assert.Equal(1f, site.Adapt(off, counts));
        Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.51f, threshold, 1e-6f));
        Assert.Equal(0f, site.Adapt(Tensor.Ones(1, c, h, w), counts));
        Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.51f, threshold, 1e-6f));

        // A tenth of them exactly, 12 of 120, is not more than a tenth; 13 are.
        Assert.Equal(24, site.Neurons);
        Tensor five = Tensor.Full(-1f, 5, c, h, w), some = Tensor.Zeros(5, c, h, w);
        some.Values[..12].Fill(1f);
        Assert.Equal(0.1f, site.Adapt(five, some));
        Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.51f, threshold, 1e-6f));
        some.Values[12] = 1f;
        site.Adapt(five, some);
        Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.52f, threshold, 1e-6f));
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void Gradients_of_all_ways_to_train_reach_every_parameter(string name)
    {
        ImageNetworkConfig config = TinyImages.Of(name) with { InitialThreshold = 0.3f };
        Tensor images = TinyImages.Images(config, 6);
        foreach (Func<ImageNetwork, IReadOnlyList<Tensor>, Tensor> run in (Func<ImageNetwork, IReadOnlyList<Tensor>, Tensor>[])
        [
            (network, _) => network.Forward(images),
            (network, _) => network.ForwardSteps(images),
            (network, counts) => network.ForwardMapped(images, counts, MappingUnit.Resu, out _),
            (network, counts) => network.ForwardMapped(images, counts, MappingUnit.Stsu, out _),
        ])
        {
            ImageNetwork network = TinyImages.Network(config);
            network.Store.ZeroGrad();
            IReadOnlyList<Tensor> counts = network.CountSpikes(images, training: true);
            using Tape tape = Tape.Begin();
            tape.Backward(Ops.CrossEntropy(run(network, counts), new[] { 0, 1, 2, 0, 1, 2 }));

            // The bias in front of a norm with the batch's statistics has none.
            foreach (Parameter parameter in network.Parameters().Where(p => p.Trainable && !p.Path.EndsWith("conv.bias", StringComparison.Ordinal)))
                Assert.True(parameter.Grad.ToArray().Any(g => g != 0f), parameter.Path);
        }
    }

    [Fact]
    public void The_published_networks_have_the_published_layers()
    {
        ImageNetwork vgg = new(ImageNetworkShapes.Of("vgg13"), ParameterStore.Random(1));
        Assert.Equal((13, 13, 512 * 4 * 4), (vgg.Convolutions.Count, vgg.Sites.Count, vgg.Features));
        ImageNetwork resnet = new(ImageNetworkShapes.Of("resnet17"), ParameterStore.Random(1));
        Assert.Equal((17 + 3, 17), (resnet.Convolutions.Count, resnet.Sites.Count));
        Assert.Equal([64, 32, 32], resnet.Sites[0].Threshold.Shape.Dims.ToArray());
        Assert.Equal([512, 8, 8], resnet.Sites[^1].Threshold.Shape.Dims.ToArray());
    }

    private sealed class SpikingCurrents(ImageNetwork network, int images) : SpikingPass(
        network.Config, network.Prepared(), images, 0, network.Sites.Count, [])
    {
        public Dictionary<int, float[]> Seen { get; } = [];

        public List<float[]> Added { get; } = [];

        public override Tensor Add(Tensor a, Tensor b)
        {
            Tensor sum = base.Add(a, b);
            Added.Add(sum.ToArray());
            return sum;
        }

        public override Tensor Current(ConvNorm layer, Tensor x)
        {
            Tensor current = base.Current(layer, x);
            Seen[layer.Index] = current.ToArray();
            return current;
        }
    }

    private sealed class AnnCurrents(IReadOnlyList<Tensor> counts) : IImagePass
    {
        public Dictionary<int, float[]> Seen { get; } = [];

        public Tensor Current(ConvNorm layer, Tensor x)
        {
            Tensor current = layer.Forward(x);
            Seen[layer.Index] = current.ToArray();
            return current;
        }

        public List<float[]> Added { get; } = [];

        public Tensor Add(Tensor a, Tensor b)
        {
            Tensor sum = Ops.Add(a, b);
            Added.Add(sum.ToArray());
            return sum;
        }

        public Tensor Drop(Dropout dropout, Tensor current) => dropout.Forward(current);

        public Tensor Fire(SpikingSite site, Tensor current) => Ops.SpikeMapping(Ops.Relu(current), counts[site.Index], MappingUnit.Stsu);
    }
}
