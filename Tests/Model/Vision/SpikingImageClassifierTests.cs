using SpikeEngine.Model.Vision;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Vision;

[Collection(Lanes.Name)]
public class SpikingImageClassifierTests
{
    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void Additions_alone_give_the_spikes_of_convolutions(string name)
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Of(name));
        Tensor images = TinyImages.Images(network.Config, 21);
        MultipliedPass multiplied = new(network, images.Shape[0]);
        network.Run(images, multiplied);
        Tensor[] expected = multiplied.Counts;
        List<Tensor> counts = [];
        SpikingImageResult result = new SpikingImageClassifier(network).Classify(images, counts);
        Assert.Equal(network.CountSpikes(images).Select(each => each.ToArray()), counts.Select(each => each.ToArray()));   // as in training, to the bit

        // Sums in another order: a current within rounding of a threshold may become another spike.
        int other = 0, all = 0;
        for (int site = 0; site < counts.Count; site++)
        {
            all += counts[site].Count;
            other += counts[site].ToArray().Zip(expected[site].ToArray()).Count(pair => pair.First != pair.Second);
            Assert.Equal(SpikeRates.Total(counts[site]), result.Spikes[site]);
        }

        Assert.InRange(other, 0, all / 500);
        Assert.Equal(0, result.Accumulates[0]);
        Assert.All(result.Accumulates.Skip(1), accumulates => Assert.True(accumulates > 0));
        float[] logits = network.SpikingLogits(counts[^1]).ToArray();
        Assert.All(logits.Zip(result.Logits.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Energy_counts_an_addition_for_each_spike_and_weight_that_it_meets()
    {
        ImageNetwork network = TinyImages.Network(TinyImages.Vgg);
        SpikingImageResult result = new SpikingImageClassifier(network).Classify(TinyImages.Images(network.Config, 5));
        ImageEnergyReport report = ImageEnergyReport.Of(network, result.Spikes, result.Accumulates, images: 5);

        // 3x3 taps: 4 of 2 channels and 5 of 4 on 9x8 places, 6 of 5 on 4x4, then 6 on 2x2 to 3 classes.
        Assert.Equal([9.0 * 2 * 4 * 72, 9 * 4 * 5 * 72, 9 * 5 * 6 * 16, 6 * 4 * 3], report.Rows.Select(row => row.Figures.DenseMacs));
        Assert.Equal([9.0 * 2 * 4 * 72, 0, 0, 0], report.Rows.Select(row => row.Figures.SpikingMacs));
        Assert.Equal(result.Accumulates[1] / 5.0, report.Rows[1].Figures.UnrolledAccumulates);
        Assert.Equal(result.Spikes[^1] / 5.0 * 3, report.Rows[^1].Figures.UnrolledAccumulates);
        Assert.InRange(report.Rows[1].Figures.UnrolledAccumulates, 1, 3 * report.Rows[1].Figures.DenseMacs);
        Assert.Equal(report.Rows.Sum(row => row.Figures.SpikingPicojoules), report.Total.SpikingPicojoules, 1e-6);
    }

    [Theory]
    [MemberData(nameof(TinyImages.All), MemberType = typeof(TinyImages))]
    public void A_folder_holds_all_of_a_network(string name)
    {
        using TemporaryFolder folder = new();
        ImageNetwork network = TinyImages.Network(TinyImages.Of(name) with { Mean = [0.5f, 0.25f], Std = [0.1f, 1f], InitialThreshold = name == "vgg" ? 0.7f : null, Reset = MembraneReset.Soft });
        ImageModelFolder.Save(folder.Path, network);
        Assert.True(ImageModelFolder.Is(folder.Path));
        ImageNetwork read = ImageModelFolder.Load(folder.Path);
        Tensor images = TinyImages.Images(network.Config, 3);
        Assert.Equal(network.CountSpikes(images).Select(counts => counts.ToArray()), read.CountSpikes(images).Select(counts => counts.ToArray()));
        Assert.Equal(network.Forward(images).ToArray(), read.Forward(images).ToArray());
        Assert.Equal(network.Config.Mean, read.Config.Mean);
        Assert.Equal(network.Config.InitialThreshold, read.Config.InitialThreshold);
    }

    [Theory]
    [InlineData("\"family\": \"vgg\"", "\"family\": \"lenet\"", "family is 'lenet'")]
    [InlineData("\"time_steps\": 3", "\"time_steps\": 0", "time_steps is 0")]
    [InlineData("\"pooled_blocks\": [", "\"pooled_blocks\": [7,", "pooled_blocks has 7")]
    [InlineData("\"model_type\": \"snn2ann\"", "\"model_type\": \"mamba2\"", "model_type is 'mamba2'")]
    [InlineData("\"membrane_dropout\": 0.5", "\"membrane_dropout\": 1", "membrane_dropout is 1")]
    [InlineData("\"channels\": 2", "\"channels\": 3", "blocks.0.0.conv.weight")]
    public void What_is_wrong_with_a_folder_is_named(string old, string now, string message)
    {
        using TemporaryFolder folder = new();
        ImageModelFolder.Save(folder.Path, TinyImages.Network(TinyImages.Vgg));
        string path = folder.File("config.json"), text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, now, StringComparison.Ordinal));
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => ImageModelFolder.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Spikes as a dense convolution meets them.</summary>
    private sealed class MultipliedPass(ImageNetwork network, int images) : SpikingPass(network.Config, network.Prepared(), images, 0, network.Sites.Count, [])
    {
        public override Tensor Current(ConvNorm layer, Tensor x)
        {
            (Tensor weight, Tensor bias) = layer.Folded(network.Config.TimeSteps);
            return Ops.Conv2d(x, weight, bias, layer.Conv.Stride, layer.Conv.Padding);
        }
    }
}
