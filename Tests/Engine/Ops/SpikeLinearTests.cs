using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>The product by additions is the dense product. Whole weights and gradients make both exact.</summary>
[Collection(Lanes.Name)]
public class SpikeLinearTests
{
    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(4, 0.4)]
    [InlineData(8, 1.0)]
    [InlineData(4, 0.0)]
    public void ItIsTheDenseProductForwardAndBackward(int levels, double density) =>
        CheckAgainstDense(levels, 40, 131, 75, RandomSpikes.Array(40 * 131, levels, density));

    /// <summary>Many binary vectors go by sums of subsets, forward, and backward with many inputs; one negative spike, and they must not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ManyBinaryVectorsAreNoOtherProduct(bool isBinary)
    {
        const int Rows = 133, Inputs = 131;
        float[] spikes = Array.ConvertAll(RandomSpikes.Array(Rows * Inputs, 1, density: 0.4), Math.Abs);
        spikes[^1] = isBinary ? 1f : -1f;
        CountedSpikes counts = SpikeProduct.Count(Tensor.From(spikes, Rows, Inputs), levels: 1);
        Assert.Equal(isBinary, SpikeBlocks.For(Rows, Inputs, 1, counts.Active, counts.HasNegative).TakesSubsets);
        CheckAgainstDense(levels: 1, Rows, Inputs, outputs: 75, spikes);
    }

    /// <summary>Any weights: pieces of columns and of vectors must not show in the sums.</summary>
    [Fact]
    public void SumsOfSubsetsHaveTheSameBitsAtAnyWidthAndOnAnyNumberOfThreads()
    {
        Tensor spikes = Tensor.From(Array.ConvertAll(RandomSpikes.Array(600 * 70, 1, density: 0.3), Math.Abs), 600, 70);
        Tensor weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 300, 70), bias = Tensor.RandomNormal(new SeededRandom(1, "b"), 300);
        int[]? first = null;
        Lanes.AtEveryWidth(() =>
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                float[] y = Lanes.WithThreads(threads, () => Ops.SpikeLinear(spikes, weight, bias, levels: 1, path: SpikePath.Accumulate).ToArray());
                int[] bits = Array.ConvertAll(y, BitConverter.SingleToInt32Bits);
                first ??= bits;
                Assert.Equal(first, bits);
            }
        });
    }

    private static void CheckAgainstDense(int levels, int rows, int inputs, int outputs, float[] values) => Lanes.AtEveryWidth(() =>
    {
        Tensor spikes = Tensor.From(values, rows, inputs);
        float[][] Run(Func<Tensor, Tensor, Tensor, Tensor> product)
        {
            Tensor s = spikes.Persist(), weight = Whole("weight", outputs, inputs), bias = Whole("bias", outputs);
            s.NeedsGrad = true;
            using Tape tape = Tape.Begin(new Workspace());
            Tensor y = product(s, weight, bias);
            WholeNumbers.Array("grad", rows, outputs).CopyTo(y.Grad);
            tape.Replay();
            return [y.ToArray(), s.Grad.ToArray(), weight.Grad.ToArray(), bias.Grad.ToArray()];
        }

        Tensor residual = Whole("residual", rows, outputs);
        foreach (Tensor? r in new[] { null, residual })
        {
            float[][] dense = Run((s, w, b) => Ops.Linear(s, w, b, r));
            foreach (SpikePath path in Enum.GetValues<SpikePath>())
                Assert.Equal(dense, Run((s, w, b) => Ops.SpikeLinear(s, w, b, r, levels, path)));
        }
    });

    /// <summary>Any weights: the order of sums has to be the same, too.</summary>
    [Theory]
    [InlineData(SpikePath.Dense)]
    [InlineData(SpikePath.Accumulate)]
    [InlineData(SpikePath.Auto)]
    public void ProductsOfTheSameSpikesHaveTheBitsOfSeparateOnes(SpikePath path) => WithProfileThatDividesThem(() =>
    {
        foreach (int threads in new[] { 1, 3 })
        {
            Lanes.WithThreads(threads, () =>
            {
                float[][] together = RunLayers((s, layers) => Ops.SpikeLinear(s, layers, Levels, path), _ => true);
                Assert.Equal(RunLayers((s, layers) => Separately(s, layers, path), _ => true), together);
            });
        }
    });

    [Theory]
    [InlineData(true, SpikePath.Accumulate)]
    [InlineData(false, SpikePath.Dense)]
    public void BinarySpikesAreAddedAboveTheBreakEvenOfBothSigns(bool isBinary, SpikePath expected) => WithProfile(
        [
            new(StorageType.Float32, 150, 401, 131, 1, 1, 0.3), new(StorageType.BFloat16, 150, 401, 131, 1, 1, 0.3),
            new(StorageType.Float32, 150, 401, 131, 1, 1, 0.9, Binary: true), new(StorageType.BFloat16, 150, 401, 131, 1, 1, 0.9, Binary: true),
        ],
        () =>
        {
            Tensor spikes = Tensor.From(RandomSpikes.Array(150 * 401, 1, 0.6), 150, 401), weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 131, 401);
            if (isBinary)
                TensorPrimitives.Abs(spikes.Values, spikes.Values);
            var stored = InputMajorWeight.From(weight, StorageType.BFloat16);
            float[][] auto = Products(SpikePath.Auto), dense = Products(SpikePath.Dense), added = Products(SpikePath.Accumulate);
            Assert.NotEqual(dense[0], added[0]);   // the order of sums tells them apart
            Assert.NotEqual(dense[1], added[1]);
            Assert.Equal(expected == SpikePath.Dense ? dense : added, auto);

            float[][] Products(SpikePath path) =>
                [Ops.SpikeLinear(spikes, weight, levels: 1, path: path).ToArray(), Ops.SpikeLinear(spikes, stored, levels: 1, path: path).ToArray()];
        });

    /// <summary>The gradient of the weight is a product of other sizes, in which inputs are the vectors.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void TheGradientOfTheWeightGoesItsOwnWay(double forward, double backward) => WithProfile(
        [new(StorageType.Float32, 40, 300, 75, 1, 1, forward), new(StorageType.Float32, 300, 40, 75, 1, 1, backward)],
        () =>
        {
            (float[] Y, float[] Grad) auto = Run(SpikePath.Auto), dense = Run(SpikePath.Dense), added = Run(SpikePath.Accumulate);
            Assert.NotEqual(dense.Y, added.Y);   // the order of sums tells them apart
            Assert.NotEqual(dense.Grad, added.Grad);
            Assert.Equal(forward == 0 ? dense.Y : added.Y, auto.Y);
            Assert.Equal(backward == 0 ? dense.Grad : added.Grad, auto.Grad);

            static (float[] Y, float[] Grad) Run(SpikePath path)
            {
                Tensor spikes = Tensor.From(RandomSpikes.Array(40 * 300, 1, 0.4), 40, 300), weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 75, 300);
                weight.NeedsGrad = true;
                using Tape tape = Tape.Begin();
                Tensor y = Ops.SpikeLinear(spikes, weight, levels: 1, path: path);
                Tensor.RandomNormal(new SeededRandom(2, "g"), 40, 75).Values.CopyTo(y.Grad);
                tape.Replay();
                return (y.ToArray(), weight.Grad.ToArray());
            }
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void GradientsFlowWhicheverProductHasOne(int used) => WithProfileThatDividesThem(() =>
    {
        foreach (SpikePath path in Enum.GetValues<SpikePath>())
        {
            float[][] together = RunLayers((s, layers) => Ops.SpikeLinear(s, layers, Levels, path), i => i == used);
            Assert.Equal(RunLayers((s, layers) => Separately(s, layers, path), i => i == used), together);
        }
    });

    [Fact]
    public void PartsOfALayerAreItsColumns()
    {
        Linear layer = new(ParameterStore.Random(1).Root, 131, 100);
        Tensor spikes = Tensor.From(RandomSpikes.Array(40 * 131, Levels, 0.3), 40, 131);
        Linear.Parts parts = layer.Split(64, 29, 7);
        foreach ((Tensor whole, Tensor[] pieces) in new[]
        {
            (layer.Forward(spikes), parts.Forward(spikes)),
            (layer.ForwardSpikes(spikes, Levels), parts.ForwardSpikes(spikes, Levels)),
        })
        {
            float[] expected = whole.ToArray(), actual = Ops.Concat(pieces, axis: -1).ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-4f);
        }

        Assert.Contains("[64, 29]", Assert.Throws<ArgumentException>(() => layer.Split(64, 29)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(3f)]
    [InlineData(-3f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void WhatIsNoSpikeIsRefusedByNameAndPlace(float value)
    {
        Tensor spikes = Tensor.Zeros(3, 20);
        spikes.Values[45] = value;
        string message = Assert.Throws<ArgumentException>(() => Ops.SpikeLinear(spikes, new Tensor(64, 20), levels: 2)).Message;
        Assert.StartsWith(FormattableString.Invariant($"The spikes [3, 20] have {value} at 45; they must be whole numbers from -2 to 2."), message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void OfSeveralThatAreNoSpikesTheFirstIsNamed(int threads) => Lanes.WithThreads(threads, () =>
    {
        // Far enough apart for each to be found by another thread.
        const int Rows = 200, Inputs = 1_000;
        Tensor spikes = Tensor.Ones(Rows, Inputs);
        foreach (int at in new[] { Rows * Inputs - 1, 150_001, 70_003, 70_002 })
        {
            spikes.Values[at] = 0.25f;
            string message = Assert.Throws<ArgumentException>(() => Ops.SpikeLinear(spikes, new Tensor(64, Inputs), levels: 1)).Message;
            Assert.StartsWith($"The spikes [200, 1000] have 0.25 at {at}; ", message, StringComparison.Ordinal);
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AllThreadsTogetherCountEverySpike(int threads) => Lanes.WithThreads(threads, () =>
    {
        float[] spikes = RandomSpikes.Array(200_003, levels: 4, density: 0.3);
        Assert.Equal(new CountedSpikes(spikes.Count(s => s != 0), spikes.Any(s => s < 0)), SpikeProduct.Count(Tensor.From(spikes, spikes.Length), levels: 4));
    });

    [Fact]
    public void EmptySizesGiveEmptyProducts()
    {
        Assert.Equal(new Shape(0, 2), Ops.SpikeLinear(new Tensor(0, 20), new Tensor(2, 20)).Shape);
        Assert.Equal([0f, 0f], Ops.SpikeLinear(new Tensor(1, 0), new Tensor(2, 0)).ToArray());
        Assert.Equal([3f, 4f], Ops.SpikeLinear(new Tensor(1, 0), new Tensor(2, 0), Tensor.From([3f, 4f], 2)).ToArray());
    }

    [Fact]
    public void ErrorsNameBothShapes()
    {
        string message = Assert.Throws<ArgumentException>(() => Ops.SpikeLinear(Tensor.Zeros(3, 20), new Tensor(2, 21))).Message;
        Assert.Contains("[2, 21]", message, StringComparison.Ordinal);
        Assert.Contains("[3, 20]", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(9)]
    public void APathThatIsNoneIsRefused(int value)
    {
        foreach (int rows in new[] { 0, 1, 3 })
            Assert.Throws<ArgumentOutOfRangeException>("path", () => Ops.SpikeLinear(new Tensor(rows, 20), new Tensor(2, 20), path: (SpikePath)value));
    }

    private const int Levels = 4;

    private static Tensor[] Separately(Tensor spikes, SpikeLayer[] layers, SpikePath path) =>
        Array.ConvertAll(layers, layer => Ops.SpikeLinear(spikes, layer.Weight, layer.Bias, layer.Residual, Levels, path));

    /// <summary>Values and gradients of three layers on the same spikes; some of the results have a gradient.</summary>
    private static float[][] RunLayers(Func<Tensor, SpikeLayer[], Tensor[]> products, Predicate<int> used)
    {
        const int Rows = 70, Inputs = 401;
        Tensor spikes = Tensor.From(RandomSpikes.Array(Rows * Inputs, Levels, 0.3), Rows, Inputs);
        spikes.NeedsGrad = true;
        SpikeLayer[] layers = [.. new[] { 150, 9, 131 }.Select((outputs, i) => new SpikeLayer(
            Normal(outputs, Inputs), i == 0 ? null : Normal(1, outputs), i == 2 ? Normal(Rows, outputs) : null))];

        using Tape tape = Tape.Begin(new Workspace());
        Tensor[] results = products(spikes, layers);
        for (int i = 0; i < results.Length; i++)
        {
            if (used(i))
                Normal(Rows, results[i].Columns).Values.CopyTo(results[i].Grad);
        }

        tape.Replay();
        return [.. results.Select(y => y.ToArray()), spikes.Grad.ToArray(), .. layers.SelectMany(layer => layer.Tensors).Select(t => t.Grad.ToArray())];
    }

    private static Tensor Normal(int rows, int columns)
    {
        Tensor tensor = Tensor.RandomNormal(new SeededRandom(3, $"{rows} {columns}"), rows, columns);
        tensor.NeedsGrad = true;
        return tensor;
    }

    /// <summary>A profile by which the product with the most outputs is dense and the others accumulate.</summary>
    private static void WithProfileThatDividesThem(Action test) => WithProfile(
        [
            new(StorageType.Float32, 70, 401, 9, Levels, 1, 1), new(StorageType.Float32, 70, 401, 131, Levels, 1, 1),
            new(StorageType.Float32, 70, 401, 150, Levels, 1, 0),
        ],
        test);

    private static void WithProfile(CrossoverPoint[] points, Action test)
    {
        CrossoverProfile before = CrossoverProfile.Current;
        try
        {
            CrossoverProfile.Current = new CrossoverProfile(points);
            test();
        }
        finally
        {
            CrossoverProfile.Current = before;
        }
    }

    private static Tensor Whole(string name, params int[] dims)
    {
        Tensor tensor = Tensor.From(WholeNumbers.Array(name, dims), dims);
        tensor.NeedsGrad = true;
        return tensor;
    }
}
