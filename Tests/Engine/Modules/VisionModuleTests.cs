namespace SpikeEngine.Tests.Engine;

/// <summary>The modules ask for the right parameters, and a small network of them has the right gradients.</summary>
public class VisionModuleTests
{
    [Fact]
    public void ParametersHaveTheirNamesAndShapes()
    {
        ParameterScope root = ParameterStore.Random(1).Root;
        Conv2d conv = new(root / "conv", 6, 8, (3, 5), groups: 2);
        Assert.Equal(["weight [8, 3, 3, 5]", "bias [8]"], Describe(conv));
        Assert.Equal(["weight [4]", "bias [4]"], Describe(new LayerNorm(root / "norm", 4)));
        Assert.Equal(["weight [4]"], Describe(new LayerNorm(root / "plain", 4, hasBias: false)));
        Assert.Equal(["weight [10, 4]"], Describe(new Embedding(root / "embeddings", 10, 4)));
        Assert.All(conv.Weight.Values.ToArray(), v => Assert.InRange(MathF.Abs(v), 0f, 1f / MathF.Sqrt(45f)));
        Assert.Throws<ArgumentException>(() => new Conv2d(root / "odd", 6, 8, 3, groups: 4));
    }

    [Fact]
    public void ASmallNetworkHasTheGradientsOfItsDoubleForm()
    {
        Net net = new(ParameterStore.Random(3).Root);
        Tensor x = FiniteDifferences.Normal("x", false, 2, 1, 9, 9);
        GradientCheck.Run(net, () => net.Forward(x)).ThrowIfFailed();
    }

    [Fact]
    public void AnEmbeddingPicksRows()
    {
        Embedding embedding = new(ParameterStore.Random(1).Root, 5, 3);
        Tensor y = embedding.Forward(new[] { 4, 0 }, 1, 2);
        Assert.Equal(new Shape(1, 2, 3), y.Shape);
        Assert.Equal(embedding.Weight.Values[12..15].ToArray(), y.Values[..3].ToArray());
    }

    private static IEnumerable<string> Describe(Module module) => module.StateDict().Select(entry => $"{entry.Key} {entry.Value.Shape}");

    private sealed class Net(ParameterScope scope) : Module(scope)
    {
        private readonly Conv2d _conv1 = new(scope / "conv1", 1, 4, 3, padding: 1);
        private readonly BatchNorm2d _norm = new(scope / "norm", 4);
        private readonly Conv2d _conv2 = new(scope / "conv2", 4, 6, 3, stride: 2, groups: 2);
        private readonly LayerNorm _out = new(scope / "out", 6);

        public Tensor Forward(Tensor x)
        {
            using var running = Running();
            x = Ops.MaxPool2d(Ops.Silu(_norm.Forward(_conv1.Forward(x))), 2, 1);
            x = new Dropout(0.2f, new SeededRandom(1, "net")).Forward(_conv2.Forward(x));
            return _out.Forward(Ops.AvgPool2d(x, 3).Reshape(x.Shape[0], x.Shape[1]));
        }
    }
}
