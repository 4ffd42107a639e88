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
        {
            float[] sums = new float[ann.Seen[conv].Length];
            for (int i = 0; i < spiking.Seen[conv].Length; i++)
                sums[i % sums.Length] += spiking.Seen[conv][i];
            for (int i = 0; i < sums.Length; i++)
                Assert.Equal(ann.Seen[conv][i], sums[i], 2e-5f * (1 + Math.Abs(sums[i])));
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

        // A tenth of them exactly is not more than a tenth.
        counts.Values.Clear();
        counts.Values[..(counts.Count / 10)].Fill(1f);
        site.Adapt(off, counts);
        Assert.All(site.Threshold.ToArray(), threshold => Assert.Equal(0.51f, threshold, 1e-6f));
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
        network.Config, [.. network.Convolutions.Select(conv => conv.Folded(network.Config.TimeSteps))], images, 0, network.Sites.Count, [])
    {
        public Dictionary<int, float[]> Seen { get; } = [];

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

        public Tensor Add(Tensor a, Tensor b) => Ops.Add(a, b);

        public Tensor Drop(Dropout dropout, Tensor current) => dropout.Forward(current);

        public Tensor Fire(SpikingSite site, Tensor current) => Ops.SpikeMapping(Ops.Relu(current), counts[site.Index], MappingUnit.Stsu);
    }
}
